"""Networks, and ways to hold their slopes (PyTorch)."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    import torch

#: Units of each of two hidden layers.
WIDTH = 64
#: What weights are clipped to, and what a gradient's squared distance from 1 costs.
CLIP, PENALTY = 0.1, 10.0


class Network(Struct, frozen=True):
    """Layers with units between them: a function of rows of so many columns.

    Attributes
    ----------
    layers : torch.nn.ModuleList
        Linear ones.
    unit : callable
        What is done to the outputs of each but the last; its slope is not above 1.
    """

    layers: Any
    unit: Callable[[torch.Tensor], torch.Tensor]

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return an output a row: shape (rows,)."""
        *hidden, last = self.layers
        for each in hidden:
            rows = self.unit(each(rows))
        outputs: torch.Tensor = last(rows)[:, 0]
        return outputs

    @property
    def constant(self) -> float:
        """The product of the layers' spectral norms, which no slope is above.

        Each norm is the largest singular value as 64-bit floats have it: iterations that come
        near one from below would be no bound.
        """
        import torch

        weights = [each.weight.detach().double() for each in self.layers]
        return math.prod(float(torch.linalg.matrix_norm(each, 2)) for each in weights)


class Way(NamedTuple):
    """A way to hold the slope.

    Attributes
    ----------
    network
        Of so many columns.
    optimizer
        Of some parameters.
    penalty
        Of a network, and rows of both sides as many: what is added to the loss.
    hold
        What is done to a network after each step.
    """

    network: Callable[[int], Network]
    optimizer: Callable[[Any], torch.optim.Optimizer]
    penalty: Callable[[Network, torch.Tensor, torch.Tensor], torch.Tensor] | None = None
    hold: Callable[[Network], None] | None = None


def way(name: str) -> Way:
    """Return a way by its name: `orthogonal`, `spectral`, `clip` or `gp`."""
    from torch.optim import Adam, RMSprop

    ways = {
        "orthogonal": Way(_orthogonal, lambda some: Adam(some, 1e-2)),
        "spectral": Way(_spectral, lambda some: Adam(some, 1e-3)),
        "clip": Way(_plain, lambda some: RMSprop(some, 1e-3), hold=_clip),
        "gp": Way(_plain, lambda some: Adam(some, 1e-3, betas=(0.0, 0.9)), penalty=_penalty),
    }
    return ways[name]


def _network(
    columns: int, held: Callable[[Any], Any], unit: Callable[[torch.Tensor], torch.Tensor]
) -> Network:
    from torch.nn import Linear, ModuleList

    sizes = pairwise((columns, WIDTH, WIDTH, 1))
    return Network(ModuleList(held(Linear(each, after)) for each, after in sizes), unit)


def _plain(columns: int) -> Network:
    import torch

    return _network(columns, lambda layer: layer, torch.relu)


def _spectral(columns: int) -> Network:
    """Return layers divided by their spectral norms: Miyato et al. (2018), arXiv:1802.05957."""
    import torch
    from torch.nn.utils.parametrizations import spectral_norm

    return _network(columns, spectral_norm, torch.relu)


def _orthogonal(columns: int) -> Network:
    """Return layers that keep lengths, with units that keep them too.

    Anil, Lucas & Grosse (2019), arXiv:1811.05381: with ReLU such a network loses gradient norm and
    comes near few 1-Lipschitz functions, with MaxMin near all of them.
    """
    from torch.nn.utils.parametrizations import orthogonal

    return _network(columns, orthogonal, _max_min)


def _max_min(units: torch.Tensor) -> torch.Tensor:
    """Return the larger and the smaller of each two units, which is a permutation of them."""
    import torch

    first, second = units.chunk(2, dim=1)
    both = torch.maximum(first, second), torch.minimum(first, second)
    return torch.cat(both, dim=1)


def _clip(network: Network) -> None:
    """Clip weights: Arjovsky, Chintala & Bottou (2017), arXiv:1701.07875."""
    for each in network.layers.parameters():
        each.data.clamp_(-CLIP, CLIP)


def _penalty(network: Network, p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """Return what slopes between both sides cost that are not 1.

    Gulrajani et al. (2017), arXiv:1704.00028.
    """
    import torch

    share = torch.rand(len(p), 1)
    between = (share * p + (1 - share) * q).requires_grad_()
    (gradient,) = torch.autograd.grad(network(between).sum(), between, create_graph=True)
    cost: torch.Tensor = ((gradient.norm(dim=1) - 1) ** 2).mean()
    return PENALTY * cost

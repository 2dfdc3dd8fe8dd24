"""A lower bound of the Wasserstein distance of many columns, by a network whose slope is known.

As of a witness (see there), with a function that a network learns: its means' difference over the
product of its layers' spectral norms, which its slope is not above.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.metrics.joint.dealing import Rows, dealt, part
from driftcli.metrics.joint.held_out import HeldOut, sum_of_means
from driftcli.metrics.joint.lipschitz import Network, way

if TYPE_CHECKING:
    import torch

Values = NDArray[np.float64]

STEPS = 1_000
_BATCH = 256
_SEED = 20_251_203


class Criticised(NamedTuple):
    """What a network finds.

    Attributes
    ----------
    distance
        How far apart the means of its outputs are, in rows that it was not fitted to.
    constant
        What its slope is not above.
    gradient
        The steepest slope at any of these rows: no bound, there may be steeper ones elsewhere.
    """

    distance: HeldOut
    constant: float
    gradient: float

    @property
    def certified(self) -> HeldOut:
        """What W₁ is at least, in expectation."""
        return self.distance.over(self.constant)


def criticised(rows: Rows, lipschitz: str, steps: int = STEPS) -> Criticised:
    """Return what a network finds that is fitted to half of the rows, judged on the others.

    The same rows give the same, bit for bit, whatever the threads.
    """
    halves = dealt(rows, 2, np.random.default_rng(_SEED))
    fitted, judging = part(rows, halves, 0), part(rows, halves, 1)
    with _one_thread():
        network = trained(fitted.p, fitted.q, lipschitz, steps)
        p, q = (_outputs(network, side) for side in (judging.p, judging.q))
        steepest = max(_steepest(network, side) for side in (judging.p, judging.q))
    return Criticised(sum_of_means(-p, q, judging.blocks), network.constant, steepest)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Have one thread and a seed of our own, and leave behind what there was."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def trained(p: Values, q: Values, lipschitz: str, steps: int) -> Network:
    """Return a network whose outputs of rows of Q are far above those of P, on average."""
    import torch

    sides = _tensor(p), _tensor(q)
    how = way(lipschitz)
    network = how.network(p.shape[1])
    optimizer = how.optimizer(network.layers.parameters())
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        some_p, some_q = (side[torch.randint(len(side), (_BATCH,))] for side in sides)
        loss = network(some_p).mean() - network(some_q).mean()
        if how.penalty:
            loss = loss + how.penalty(network, some_p, some_q)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
        if how.hold:
            how.hold(network)
    network.layers.eval()
    return network


def _tensor(rows: Values) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(rows, np.float32))


def _outputs(network: Network, rows: Values) -> Values:
    import torch

    with torch.no_grad():
        return np.asarray(network(_tensor(rows)).numpy(), np.float64)


def _steepest(network: Network, rows: Values) -> float:
    import torch

    at = _tensor(rows).requires_grad_()
    (gradient,) = torch.autograd.grad(network(at).sum(), at)
    return float(gradient.norm(dim=1).max())

"""Generators of a ring's points, trained against a discriminator or a critic."""

from collections.abc import Iterator

import numpy as np
import torch
from networks import clip, judge, loss, network
from ring import Points, drawn
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.optim import Adam, Optimizer, RMSprop

WAYS = ("gan", "clip", "gp", "spectral")

_BATCH, _NOISE, _REAL = 256, 2, 50_000
#: Steps of the judge to one of the generator. A discriminator that is far ahead teaches nothing.
_AHEAD = {"gan": 1, "clip": 5, "gp": 5, "spectral": 5}


def epochs(way: str, number: int, steps: int, rows: int) -> Iterator[Points]:
    """Yield the points that a generator makes after each epoch of so many steps."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    real = torch.from_numpy(drawn(np.random.default_rng(0), _REAL))
    generator, judging = network(_NOISE, 2), judge(way)
    optimizers = _optimizer(way, generator, 5e-4), _optimizer(way, judging, 2e-3)
    for _ in range(number):
        for _ in range(steps):
            _step(way, generator, judging, real, optimizers)
        with torch.no_grad():
            yield _made(generator, rows).numpy()


def _optimizer(way: str, trained: nn.Module, rate: float) -> Optimizer:
    if way == "clip":
        return RMSprop(trained.parameters(), rate / 2)
    return Adam(trained.parameters(), rate, betas=(0.5, 0.9))


def _step(
    way: str,
    generator: nn.Module,
    judging: nn.Module,
    real: Tensor,
    optimizers: tuple[Optimizer, Optimizer],
) -> None:
    of_generator, of_judge = optimizers
    for _ in range(_AHEAD[way]):
        some = real[torch.randint(len(real), (_BATCH,))]
        _descend(of_judge, loss(way, judging, some, _made(generator, _BATCH).detach()))
        if way == "clip":
            clip(judging)
    outputs = judging(_made(generator, _BATCH))
    # That of Goodfellow et al. which does not saturate.
    _descend(of_generator, (softplus(-outputs) if way == "gan" else -outputs).mean())


def _made(generator: nn.Module, rows: int) -> Tensor:
    made: Tensor = generator(torch.randn(rows, _NOISE))
    return made


def _descend(optimizer: Optimizer, loss_of_batch: Tensor) -> None:
    optimizer.zero_grad()
    loss_of_batch.backward()
    optimizer.step()

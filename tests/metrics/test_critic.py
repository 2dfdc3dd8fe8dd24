"""Networks of known slope as lower bounds of W₁."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
from test_joint_laws import DISTANCES

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from driftcli.metrics.joint.critic import criticised, trained  # noqa: E402
from driftcli.metrics.joint.dealing import Rows  # noqa: E402
from driftcli.metrics.joint.lipschitz import CLIP, way  # noqa: E402
from driftcli.report.instruments import Lipschitz  # noqa: E402

WAYS = get_args(Lipschitz)


def drawn(name: str, seed: int, rows: int) -> Rows:
    rng, case = np.random.default_rng(seed), DISTANCES[name]
    return Rows(case.p(rng, rows), case.q(rng, rows))


@pytest.mark.parametrize("name", WAYS)
def test_no_slope_is_above_the_constant(name: str) -> None:
    found = criticised(drawn("radial × 2, 2 columns", 1, 600), name, steps=60)
    assert found.gradient <= found.constant * (1 + 1e-5)
    assert found.certified.value == pytest.approx(found.distance.value / found.constant)
    assert found.certified.limit <= 1.2533


@pytest.mark.parametrize("name", ["orthogonal", "spectral"])
def test_layers_are_held(name: str) -> None:
    rng = np.random.default_rng(2)
    network = trained(*rng.normal(size=(2, 300, 4)), name, 50)
    assert network.constant == pytest.approx(1, abs=1e-4 if name == "orthogonal" else 0.3)


def test_weights_are_clipped() -> None:
    network = trained(*np.random.default_rng(3).normal(size=(2, 300, 4)), "clip", 5)
    weights = [float(each.detach().abs().max()) for each in network.layers.parameters()]
    assert max(weights) <= CLIP + 1e-7


def test_max_min_orders_pairs_of_units() -> None:
    network = way("orthogonal").network(2)
    outputs = network.unit(torch.tensor([[1.0, 5.0, 3.0, -2.0]]))
    assert outputs.tolist() == [[3.0, 5.0, 1.0, -2.0]]


def test_a_shift_is_certified() -> None:
    found = criticised(drawn("shift 1, 2 columns", 4, 2_000), "orthogonal", steps=200).certified
    assert 0.9 <= found.value <= 1 + 3 * found.standard_error
    assert found.p_value < 1e-50


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in DISTANCES if "radial" in each])
def test_most_of_a_radial_change_is_certified(name: str) -> None:
    found, true = criticised(drawn(name, 5, 10_000), "orthogonal").certified, DISTANCES[name].value
    assert 0.9 * true <= found.value <= true + 3 * found.standard_error


def test_nothing_is_left_behind() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    threads = torch.get_num_threads()
    criticised(drawn("shift 0, 2 columns", 6, 100), "clip", steps=2)
    assert (torch.rand(1), torch.get_num_threads()) == (expected, threads)


def test_blocks_weigh_as_one() -> None:
    rng = np.random.default_rng(7)
    days = np.repeat(np.arange(20), 50)
    p, q = (rng.normal(size=(20, 2))[days] + rng.normal(size=(1_000, 2)) for _ in range(2))
    independent = criticised(Rows(p, q), "spectral", steps=50)
    blocks = criticised(Rows(p, q, (days, days)), "spectral", steps=50)
    assert blocks.distance.standard_error > 2 * independent.distance.standard_error


@pytest.mark.slow
def test_threads_change_no_bit() -> None:
    code = (
        "import numpy as np\n"
        "from driftcli.metrics.joint.dealing import Rows\n"
        "from driftcli.metrics.joint.critic import criticised\n"
        "rows = Rows(*np.random.default_rng(0).normal(size=(2, 500, 4)))\n"
        "print(criticised(rows, 'orthogonal', steps=20))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "3")
    }
    assert len(outputs) == 1

"""What is chosen for the processor at hand before NumPy is imported."""

import os
import shlex
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from driftcli.cli import processor
from driftcli.cli.processor import prepare, sorts_slowly

ZEN_4 = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nflags\t\t: avx2 avx512f\n"
ZEN_5 = ZEN_4.replace("25", "26")
ZEN_3 = ZEN_4.replace(" avx512f", "")
INTEL = ZEN_4.replace("AuthenticAMD", "GenuineIntel")
WINDOWS = "AMD64 Family 25 Model 97 Stepping 2, AuthenticAMD"
VARIABLE = "NPY_DISABLE_CPU_FEATURES"


@pytest.fixture
def zen_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_processor", lambda: ZEN_4)
    monkeypatch.delitem(sys.modules, "numpy", raising=False)


@pytest.mark.parametrize(
    ("text", "slow"),
    [(ZEN_4, True), (WINDOWS, True), (ZEN_5, False), (ZEN_3, False), (INTEL, False), ("", False)],
)
def test_only_processors_that_are_known_to_sort_slowly_are_taken_for_such(
    text: str, slow: bool
) -> None:
    assert sorts_slowly(text) == slow


@pytest.mark.usefixtures("zen_4")
@pytest.mark.parametrize(
    ("version", "features"),
    [
        ((1, 26), None),  # has no AVX2 sort to take in its place
        ((2, 3), "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"),
        ((2, 4), "X86_V4 AVX512_ICL AVX512_SPR"),
    ],
)
def test_features_go_by_the_names_of_the_version(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], features: str | None
) -> None:
    monkeypatch.setattr(processor, "_numpy_version", lambda: version)
    environment: dict[str, str] = {}
    prepare(environment)
    assert environment.get(VARIABLE) == features


@pytest.mark.usefixtures("zen_4")
@pytest.mark.parametrize("variable", [VARIABLE, "NPY_ENABLE_CPU_FEATURES"])
def test_what_the_user_chose_stays(variable: str) -> None:
    environment = {variable: "", "OPENBLAS_NUM_THREADS": "4"}
    prepare(environment)
    assert environment == {variable: "", "OPENBLAS_NUM_THREADS": "4"}


def test_an_imported_numpy_has_chosen_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_processor", lambda: ZEN_4)
    monkeypatch.setitem(sys.modules, "numpy", sys)
    environment: dict[str, str] = {}
    prepare(environment)
    assert environment == {"OPENBLAS_NUM_THREADS": "1"}


@pytest.mark.usefixtures("zen_4")
def test_workers_and_child_processes_inherit_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_numpy_version", lambda: (2, 4))
    for name in (VARIABLE, "NPY_ENABLE_CPU_FEATURES"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    prepare()
    assert os.environ[VARIABLE] == "X86_V4 AVX512_ICL AVX512_SPR"
    code = f"import os; print(os.environ[{VARIABLE!r}])"
    child = [sys.executable, "-c", code]
    assert subprocess.check_output(child, text=True).strip() == os.environ[VARIABLE]
    with ProcessPoolExecutor(1, get_context("spawn")) as workers:
        assert workers.submit(os.getenv, VARIABLE).result() == os.environ[VARIABLE]


def test_numpy_knows_the_features_that_are_named_for_it() -> None:
    code = (
        "import os; from driftcli.cli import processor as p;"
        f"p._processor = lambda: {ZEN_4!r}; p.prepare();"
        "import numpy; from numpy._core._multiarray_umath import __cpu_dispatch__ as known;"
        f"print(set(os.environ.get({VARIABLE!r}, '').split()) <= {{*known}})"
    )
    if processor._numpy_version() < (2, 0):
        pytest.skip("this NumPy has no AVX2 sort")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPY")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.parametrize(("limited", "pool"), [(True, "system"), (False, None)])
def test_where_addresses_are_few_none_are_reserved(
    monkeypatch: pytest.MonkeyPatch, limited: bool, pool: str | None
) -> None:
    monkeypatch.setattr(processor, "_addresses_are_few", lambda: limited)
    environment: dict[str, str] = {}
    prepare(environment)
    assert environment.get("ARROW_DEFAULT_MEMORY_POOL") == pool
    chosen = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
    prepare(chosen)
    assert chosen["ARROW_DEFAULT_MEMORY_POOL"] == "jemalloc"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
@pytest.mark.parametrize("kilobytes", [800_000, 1_400_000, 1_500_000])
def test_a_comparison_keeps_to_a_limit_of_addresses(tmp_path: Path, kilobytes: int) -> None:
    rows = "".join(f"{number},{number % 7},name {number % 1000}\n" for number in range(300_000))
    (tmp_path / "a.csv").write_text("x,y,z\n" + rows)
    command = f"{shlex.quote(sys.executable)} -m driftcli compare a.csv a.csv --quiet"
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -c 0; ulimit -v {kilobytes}; exec {command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr

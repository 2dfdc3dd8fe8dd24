"""Put small faults into the core, one at a time, and see whether the tests notice.

    pip install 'cosmic-ray>=8.3'
    python benchmarks/mutants.py --sample 112 --seed 1

The faults are those of Cosmic Ray, drawn evenly over the modules below. A fault that no test
notices is printed: it changes nothing that can be seen, or a test is missing. The work is done in a
copy, and takes a minute or two a fault.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
#: Tests that see a module, besides those of its own name, which come first.
LAWS = ("tests/test_laws.py", "tests/test_oracles.py")
METRICS = ("tests/metrics", *LAWS, "tests/comparison/test_noise.py")
PROFILE = ("tests/profile", "tests/metrics", *LAWS)
COMPARISON = ("tests/comparison", *LAWS, "tests/segments")
SOURCE = ("tests/source", "tests/engine", "tests/test_api.py")
CHECKS = ("tests/checks", "tests/history", "tests/cli/test_cli_run.py")
RENDER = ("tests/render", "tests/cli/test_cli_report.py")
MODULES = {
    "metrics/divergence": METRICS,
    "metrics/transport": METRICS,
    "metrics/bins": METRICS,
    "metrics/significance": METRICS,
    "metrics/moves": METRICS,
    "profile/points": PROFILE,
    "profile/numeric": PROFILE,
    "profile/categories": PROFILE,
    "profile/column": PROFILE,
    "comparison/verdict": COMPARISON,
    "comparison/scores": COMPARISON,
    "comparison/noise": COMPARISON,
    "comparison/pair": COMPARISON,
    "comparison/settling": COMPARISON,
    "comparison/reasons": COMPARISON,
    "engine/columns": ("tests/engine", *LAWS, "tests/source"),
    "engine/group_reading": ("tests/engine", "tests/segments", "tests/timeline"),
    "source/text_types": SOURCE,
    "source/assumptions": SOURCE,
    "source/csv_layout": SOURCE,
    "checks/run": CHECKS,
    "checks/freshness": CHECKS,
    "checks/templates": CHECKS,
    "history/recording": ("tests/history", "tests/checks", "tests/cli/test_cli_run.py"),
    "history/queries": ("tests/history", "tests/checks", "tests/cli/test_cli_run.py"),
    "render/escape": RENDER,
    "render/words": RENDER,
    "render/terminal/report": RENDER,
}
#: Seconds after which a fault counts as noticed: it has made something endless.
PATIENCE = 900


class Fault(NamedTuple):
    """A module and what stands there in the place of its text."""

    module: str
    before: str
    text: str

    def diff(self) -> str:
        path, sides = path_of(self.module), (self.before.splitlines(), self.text.splitlines())
        return "\n".join(unified_diff(*sides, path, path, n=1, lineterm=""))


def path_of(module: str) -> str:
    return f"driftcli/{module}.py"


def faults(module: str, copy: Path, rng: random.Random) -> Iterator[Fault]:
    """Yield all faults of a module that change more than annotations, at random."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    code = (copy / path_of(module)).read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(code)))
    places = []
    for name in sorted(operator_names()):
        make = get_operator(name)
        # Small numbers that are equal are identical; and what takes arguments is to be told them.
        if not name.endswith(("_Is", "_IsNot")) and not make.arguments():
            operator = make()
            size = sum(len(list(operator.mutation_positions(node))) for node in nodes)
            places += [(operator, at) for at in range(size)]
    for operator, at in rng.sample(places, len(places)):
        text = mutate_code(code, operator, at)
        if changes(code, text):
            yield Fault(module, code, text)


def changes(code: str, text: str) -> bool:
    """Return whether a text is Python and does something else."""
    try:
        return without_annotations(text) != without_annotations(code)
    except SyntaxError:
        return False


def without_annotations(code: str) -> str:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                setattr(node, name, ast.Constant(None))
    return ast.dump(tree)


def is_noticed(fault: Fault, copy: Path) -> bool:
    """Run the tests that see a module in a copy that has the fault."""
    path = copy / path_of(fault.module)
    path.write_text(fault.text, encoding="utf-8")
    options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    folder, *_, name = fault.module.split("/")
    own = sorted(copy.glob(f"tests/{folder}/test*_{name}.py"))
    try:
        for each in (*own, *MODULES[fault.module]):
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, str(each)],
                cwd=copy,
                env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
            if done.returncode:
                return True
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(fault.before, encoding="utf-8")
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=list(MODULES), help="such as metrics/bins")
    parser.add_argument("--sample", type=int, default=112, help="faults, evenly over the modules")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    unseen = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        copy = Path(name) / "copy"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "data", "__pycache__")
        )
        each = [faults(module, copy, rng) for module in given.modules]
        drawn = (fault for some in zip_longest(*each) for fault in some if fault is not None)
        for number, fault in enumerate(islice(drawn, given.sample), 1):
            noticed = is_noticed(fault, copy)
            unseen += not noticed
            share = f"{number - unseen} of {number} noticed"
            print(
                f"{fault.module}: {'noticed' if noticed else 'NOT NOTICED'} ({share})", flush=True
            )
            if not noticed:
                print(fault.diff(), flush=True)
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())

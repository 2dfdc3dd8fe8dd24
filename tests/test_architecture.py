"""Who imports whom, and what a start does not load."""

import ast
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from transcripts import check_table

import driftcli

PACKAGE = Path(driftcli.__file__).parent

#: What each part may import of ours, besides itself.
ALLOWED = {
    "errors": {"text"},
    "arrays": set(),
    "text": set(),
    "version": set(),
    "writing": {"errors", "source"},  # which knows the stores of addresses
    "metrics": set(),
    "config": {"errors", "text"},
    "source": {"arrays", "config", "errors", "text"},
    "profile": {"arrays", "errors", "version"},
    "engine": {"arrays", "errors", "profile", "source", "text", "version"},
    "report": {"render", "text"},  # where a person or a notebook asks for text
    "comparison": {
        *("arrays", "config", "errors", "metrics", "profile", "report", "text", "version"),
    },
    "calibration": {"comparison", "config", "errors", "metrics", "profile", "report"},
    "render": {"errors", "report", "text", "writing"},
    # Knows results as reports, and of data no more than names and times.
    "history": {"errors", "report", "text", "version", "writing"},
    # What the user named, data or saved profiles, on its way to a report: what opens data.
    "pipeline": {
        *("arrays", "calibration", "comparison", "config", "engine", "errors", "history"),
        *("profile", "report", "source", "text"),
    },
    # Comparisons again and again: filled in, each in a process of its own, recorded, told of.
    "checks": {
        *("comparison", "config", "engine", "errors", "history", "metrics", "pipeline"),
        *("profile", "render", "report", "source", "text", "version", "writing"),
    },
    "api": {
        *("comparison", "config", "engine", "errors", "metrics", "pipeline", "profile"),
        *("render", "report", "text", "writing"),
    },
    "cli": None,  # everything
    "__main__": {"cli"},
    "": {"api", "errors", "report", "version"},  # the package itself, for its public names
}


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    name = relative.parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imported(path: Path) -> set[str]:
    """Return the parts of the package that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            names = submodules if node.module == "driftcli" else [node.module]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "driftcli":
                known = len(parts) > 1 and parts[1] in ALLOWED
                found.add(parts[1] if known else "")
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_part_may(path):
    part = part_of(path)
    allowed = ALLOWED.get(part)
    if allowed is not None:
        assert imported(path) <= allowed | {part}


def test_every_part_has_a_rule():
    assert {part_of(path) for path in MODULES} <= set(ALLOWED)


def test_the_comparison_and_the_metrics_open_and_print_nothing():
    for part in ("comparison", "metrics", "render"):
        for path in (PACKAGE / part).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            called = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & {"open", "print", "input"}, path


def test_an_engine_is_had_where_data_that_it_cannot_read_are_refused():
    """Nobody else connects: who did would not have refused yet."""
    named = "driftcli.engine.choose import"
    users = [name for name, path in NAMES.items() if named in path.read_text(encoding="utf-8")]
    assert users == ["driftcli.pipeline.elsewhere"]


def test_no_module_lies_loose_at_the_top():
    loose = {path.stem for path in PACKAGE.glob("*.py")}
    assert loose == {"__init__", "__main__", "version", "errors", "text", "arrays", "writing"}


def test_the_page_says_who_imports_whom():
    rooms = [name for name in ALLOWED if (PACKAGE / name).is_dir() and name]
    table = [
        [f"`{name}/`", ", ".join(f"`{each}`" for each in sorted(ALLOWED[name] or ())) or "nothing"]
        for name in rooms
        if ALLOWED[name] is not None
    ]
    page = PACKAGE.parent / "docs" / "architecture.md"
    rows = [["room", "may import"], *table, ["`cli/`", "everything"]]
    check_table(page, "Who imports whom", rows)


def test_what_the_page_names_exists():
    text = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+(?:\.\w+)+)`", text)
    rooms = {name for name in ALLOWED if name}
    found = [name for name in named if name.split(".")[0] in rooms]
    assert len(found) > 30
    for name in found:
        pkgutil.resolve_name(f"driftcli.{name}")


def test_the_parts_can_be_kept_in_mind():
    assert len(ALLOWED) <= 22


def test_the_table_of_folders_is_that_of_the_package():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `driftcli/(\w+)/` \|", text, re.MULTILINE)
    assert sorted(named) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def at_the_top_of(path: Path) -> set[str]:
    """Return the modules that one imports as it is imported."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            of = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= of & NAMES.keys() or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & NAMES.keys()


#: The modules by their names.
NAMES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in MODULES
}


def test_no_modules_import_one_another_in_a_circle():
    imports = {name: at_the_top_of(path) for name, path in NAMES.items()}
    while free := {name for name, needed in imports.items() if not needed & imports.keys()}:
        imports = {name: needed for name, needed in imports.items() if name not in free}
    assert not imports


def test_a_class_has_its_name_for_itself():
    """One word, one thing; two of one name would be told apart by their modules alone."""
    owners: dict[str, list[str]] = {}
    for name, path in NAMES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners.setdefault(node.name, []).append(name)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def test_the_modules_that_faults_are_put_into_exist():
    text = (PACKAGE.parent / "benchmarks" / "mutants.py").read_text(encoding="utf-8")
    (table,) = (
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MODULES"
    )
    modules = [PACKAGE / f"{ast.literal_eval(key)}.py" for key in table.keys]
    assert modules
    assert [path for path in modules if not path.is_file()] == []


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


HEAVY = {
    *("numpy", "pyarrow", "pandas", "pydantic", "scipy", "polars", "sklearn", "torch"),
    *("adbc_driver_manager", "dask", "deltalake", "distributed", "pyiceberg", "pyspark", "sqlglot"),
}


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Return the heavy packages that a fresh process has loaded after running `code`."""
    report = (
        "\nimport sys\nprint('loaded', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "loaded"
    return HEAVY & set(last)


COMMAND = """
import sys
from driftcli.__main__ import main
try:
    main()
except SystemExit as ended:
    assert ended.code in (0, 1), ended.code
"""


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import driftcli") == set()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["compare", "--help"], ["joint", "--help"]]
)
def test_help_loads_nothing_heavy(arguments):
    assert loaded_by(COMMAND, *arguments) == set()


@pytest.fixture
def tables():
    names = ["a", "b", None, "a"] * 50
    base = pa.table({"x": [1.0, 2.0, None, 4.0] * 50, "n": range(200), "name": names})
    return base, base.slice(0, 150)


def test_a_comparison_of_parquet_files_loads_neither_pandas_nor_scipy(tables, tmp_path):
    paths = [tmp_path / "base.parquet", tmp_path / "new.parquet"]
    for table, path in zip(tables, paths, strict=True):
        pq.write_table(table, path)
    assert loaded_by(COMMAND, "compare", *map(str, paths)) == {"numpy", "pyarrow"}


def test_a_filter_of_folders_loads_sqlglot_and_no_pandas(tables, tmp_path):
    pytest.importorskip("sqlglot")
    for day in ("2025-01-01", "2025-01-02"):
        folder = tmp_path / f"day={day}" / "hour=3"
        folder.mkdir(parents=True)
        pq.write_table(tables[0], folder / "part.parquet")
    condition = "day like '2025%' and hour < 4 and (x > 1.5 or n between 3 and 9 or name in ('b'))"
    sides = (str(tmp_path), str(tmp_path))
    loaded = loaded_by(COMMAND, "compare", *sides, "--where", condition)
    assert loaded == {"numpy", "pyarrow", "sqlglot"}


def test_a_comparison_imports_no_other_command_and_no_masked_arrays(tables, tmp_path):
    path = tmp_path / "base.parquet"
    moments = pa.array(range(len(tables[0])), pa.timestamp("s"))
    pq.write_table(tables[0].append_column("moment", moments), path)
    spared = {"numpy.ma", "driftcli.cli.run", "driftcli.cli.calibrate", "driftcli.cli.history"}
    # NumPy before 2.0 brings masked arrays by itself.
    code = (
        "import sys, numpy\nbrought = set(sys.modules)"
        f"{COMMAND}\nprint('loaded', {spared!r} & set(sys.modules) - brought)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "compare", str(path), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "loaded set()"


def test_pairs_load_neither_trees_nor_networks(tables, tmp_path):
    paths = [tmp_path / "base.parquet", tmp_path / "new.parquet"]
    for table, path in zip(tables, paths, strict=True):
        pq.write_table(table, path)
    loaded = loaded_by(COMMAND, "joint", *map(str, paths), "--witness")
    assert loaded.isdisjoint({"sklearn", "torch"})


@pytest.mark.slow
def test_a_comparison_of_csv_files_loads_neither_pandas_nor_scipy(tmp_path):
    head = "x,flag,name,day\n"
    rows = [
        f"{i}.5,{'true' if i % 2 else 'false'},n{i % 7},2024-01-{1 + i % 28:02d}" for i in range(90)
    ]
    paths = [tmp_path / "base.csv", tmp_path / "new.csv"]
    paths[0].write_text(head + "\n".join(rows))
    paths[1].write_text(head + "\n".join([*rows, "N/A,maybe,n1,soon"]))
    assert loaded_by(COMMAND, "compare", *map(str, paths)) == {"numpy", "pyarrow"}

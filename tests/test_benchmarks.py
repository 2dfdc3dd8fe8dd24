"""The benchmark's parts work; nothing here asserts on a time."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftcli

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
# The scripts are run from their folder and import each other by name.
sys.path.append(str(BENCHMARKS))

import cases  # noqa: E402
import derive  # noqa: E402
import generate  # noqa: E402
import measure  # noqa: E402
import run  # noqa: E402

pytestmark = pytest.mark.slow

ROWS = 1_000
ALWAYS_TWO = cases.Target(high=2.0)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pair")
    generate.write_pair(folder, ROWS)
    return [folder / "baseline.parquet", folder / "current.parquet"]


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    environment = measure.child_environment()
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def sample(
    wall_s: float = 1.0, peak_mb: float = 100.0, inner_s: float | None = None
) -> measure.Sample:
    return measure.Sample(wall_s=wall_s, cpu_s=wall_s, peak_mb=peak_mb, inner_s=inner_s)


def row_of(*ratios: float, target: cases.Target = ALWAYS_TWO) -> run.Row:
    ours, floor = measure.Command("ours", ()), measure.Command("floor", ())
    case = cases.Case(
        "name", "group", "ours against floor", target, measure.wall_ratio, (ours, floor)
    )
    return run.Row(case, tuple({ours: sample(ratio), floor: sample(1.0)} for ratio in ratios))


class TestGenerate:
    def test_the_same_seed_gives_the_same_bytes(self, pair: list[Path], tmp_path: Path) -> None:
        generate.write_pair(tmp_path, ROWS)
        for path in pair:
            assert (tmp_path / path.name).read_bytes() == path.read_bytes()

    def test_another_seed_gives_other_bytes(self, pair: list[Path], tmp_path: Path) -> None:
        generate.write_pair(tmp_path, ROWS, seed=generate.SEED + 1)
        assert (tmp_path / pair[0].name).read_bytes() != pair[0].read_bytes()

    def test_baseline_and_current_differ(self, pair: list[Path]) -> None:
        baseline, current = map(pq.read_table, pair)
        assert not any(baseline[name].equals(current[name]) for name in baseline.column_names)

    def test_it_has_the_twenty_columns_of_the_target(self, pair: list[Path]) -> None:
        table = pq.read_table(pair[0])
        types = [str(field.type) for field in table.schema]
        assert table.num_rows == ROWS
        assert {name: types.count(name) for name in set(types)} == {
            "double": 8,
            "float": 1,
            "int16": 1,
            "int32": 1,
            "int64": 2,
            "string": 5,
            "bool": 1,
            "timestamp[us]": 1,
        }

    def test_only_one_column_has_nulls(self, pair: list[Path]) -> None:
        table = pq.read_table(pair[0])
        assert [name for name in table.column_names if table[name].null_count] == ["with_nulls"]

    @pytest.mark.parametrize("rows", [1, generate.BLOCK, generate.BLOCK + 1])
    def test_a_short_file_is_the_beginning_of_a_long_one(self, rows: int, tmp_path: Path) -> None:
        generate.write_side(tmp_path / "short.parquet", rows, 20, is_current=True)
        generate.write_side(tmp_path / "long.parquet", 2 * generate.BLOCK, 20, is_current=True)
        short, long = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("short", "long"))
        assert short.equals(long.slice(0, rows))

    def test_row_groups_do_not_change_the_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def draw() -> list[pa.Table]:
            rows = 2 * generate.BLOCK + 5
            return list(generate.draw_groups(rows, 20, is_current=False, seed=1))

        (whole,) = draw()
        monkeypatch.setattr(generate, "GROUP_ROWS", generate.BLOCK)
        pieces = draw()
        assert [piece.num_rows for piece in pieces] == [generate.BLOCK, generate.BLOCK, 5]
        assert pa.concat_tables(pieces).combine_chunks().equals(whole)

    @pytest.mark.parametrize(
        ("columns", "rows"), [(20, 1_048_576), (200, 327_680), (2_000, 32_768), (9_999, 16_384)]
    )
    def test_wide_files_have_shorter_row_groups(self, columns: int, rows: int) -> None:
        assert generate.rows_per_group(columns) == rows

    def test_a_wide_file_repeats_the_columns_under_new_names(self) -> None:
        schema = generate.schema_of(45)
        assert len(set(schema.names)) == 45
        assert schema.field("normal_3").type == schema.field("normal").type == pa.float64()

    def test_csv_holds_the_same_rows(self, pair: list[Path], tmp_path: Path) -> None:
        generate.write_pair(tmp_path, ROWS, suffix="csv")
        header, *lines = (tmp_path / "baseline.csv").read_text().splitlines()
        table = pq.read_table(pair[0])
        assert header.split(",") == table.column_names
        assert [float(line.split(",")[0]) for line in lines] == table["normal"].to_pylist()

    def test_nothing_half_written_is_left(self, pair: list[Path]) -> None:
        assert sorted(pair[0].parent.iterdir()) == pair


class TestScripts:
    @pytest.mark.parametrize("name", ["run.py", "generate.py", "floors.py"])
    def test_help_works(self, name: str) -> None:
        done = python(BENCHMARKS / name, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage" in done.stdout

    def test_pandas_scipy_scores_every_column(self, pair: list[Path]) -> None:
        done = python(BENCHMARKS / "pandas_scipy.py", *pair)
        assert (done.returncode, done.stderr) == (0, "")
        header, *lines = done.stdout.splitlines()
        assert header == "column,kl,js_distance,wasserstein"
        assert len(lines) == 20
        assert all(math.isfinite(float(cell)) for line in lines for cell in line.split(",")[1:])

    @pytest.mark.parametrize("floor", ["load", "stream"])
    def test_a_floor_reads_every_row(self, floor: str, pair: list[Path]) -> None:
        assert int(python(BENCHMARKS / "floors.py", floor, *pair).stdout) == 2 * ROWS

    def test_the_csv_floor_reads_every_row(self, tmp_path: Path) -> None:
        generate.write_pair(tmp_path, ROWS, suffix="csv")
        paths = tmp_path / "baseline.csv", tmp_path / "current.csv"
        assert int(python(BENCHMARKS / "floors.py", "csv", *paths).stdout) == 2 * ROWS

    def test_both_wasserstein_distances_are_one_number(self, pair: list[Path]) -> None:
        # 1,000 values are fewer than a profile holds, so ours is exact.
        script = BENCHMARKS / "wasserstein.py"
        scipy, ours = (
            json.loads(python(script, name, *pair).stdout)["value"] for name in ("scipy", "drift")
        )
        assert ours == pytest.approx(scipy, rel=1e-9)

    def test_noise_is_timed_of_two_files_and_of_a_column(self, pair: list[Path]) -> None:
        for arguments in (pair, ["--categories", "40"]):
            done = python(BENCHMARKS / "noise.py", *arguments)
            assert done.stderr == ""
            assert 0 < json.loads(done.stdout)["seconds"] < 60

    def test_an_unknown_case_is_named_with_the_known_ones(self) -> None:
        done = python(BENCHMARKS / "run.py", "--only", "hepl")
        assert done.returncode == 1
        assert "no case hepl; there are load, stream," in done.stderr


class TestMeasure:
    def test_a_process_is_measured_and_its_own_time_is_read(self, tmp_path: Path) -> None:
        command = measure.Command("inner", ("-c", "print('{\"seconds\": 0.25}')"))
        measured = measure.run_command(command, tmp_path)
        assert measured.inner_s == 0.25
        assert measured.wall_s > 0
        assert measured.peak_mb > 1

    def test_peak_memory_is_in_megabytes_of_the_child(self, tmp_path: Path) -> None:
        command = measure.Command("large", ("-c", "b'x' * 300_000_000"))
        assert measure.run_command(command, tmp_path).peak_mb > 300

    @pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux only")
    def test_peak_memory_is_that_of_the_process_and_its_children(self, tmp_path: Path) -> None:
        code = """
import subprocess, sys
if len(sys.argv) < 2:
    child = subprocess.Popen(
        [sys.executable, sys.argv[0], "child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    held = bytearray(b"x" * 200_000_000)
    child.stdout.readline()
    import time
    time.sleep(0.5)
    child.communicate()
else:
    held = bytearray(b"x" * 200_000_000)
    print(flush=True)
    sys.stdin.read()
"""
        (tmp_path / "two.py").write_text(code)
        command = measure.Command("two", (str(tmp_path / "two.py"),))
        assert measure.run_command(command, tmp_path).peak_mb > 400

    def test_an_accepted_exit_code_is_a_measurement(self, tmp_path: Path) -> None:
        command = measure.Command("drifted", ("-c", "raise SystemExit(1)"), accepts=(0, 1))
        assert measure.run_command(command, tmp_path).inner_s is None

    def test_a_failed_command_stops_the_benchmark_with_its_message(self, tmp_path: Path) -> None:
        command = measure.Command("broken", ("-c", "raise SystemExit('no such file')"))
        with pytest.raises(measure.BenchmarkError, match=r"broken ended .* 1:\nno such file"):
            measure.run_command(command, tmp_path)

    def test_commands_take_turns_and_the_first_round_is_thrown_away(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        a, b = (measure.Command(name, ("-c", "")) for name in "ab")
        case = cases.Case("name", "group", "a to b", ALWAYS_TWO, measure.wall_ratio, (a, b))
        (row,) = run.measure([case], 2, tmp_path)
        assert len(row.values) == 2
        assert re.findall(r": (\w)$", capsys.readouterr().err, re.MULTILINE) == list("ababab")

    def test_settings_of_drift_do_not_reach_the_child(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DRIFT_CONFIG", "mine.toml")
        assert "DRIFT_CONFIG" not in measure.child_environment()


class TestValues:
    def test_ratios_are_first_over_second(self) -> None:
        samples = [sample(6.0, 300.0, 8.0), sample(2.0, 200.0, 0.5)]
        assert measure.wall_ratio(samples) == 3
        assert measure.peak_ratio(samples) == 1.5
        assert measure.inner_ratio(samples) == 16

    def test_the_time_that_a_command_reports_is_in_milliseconds_or_a_share_of_all(self) -> None:
        assert measure.inner_milliseconds([sample(6.0, inner_s=0.25)]) == 250
        assert measure.inner_share([sample(5.0, inner_s=0.25)]) == 5
        assert math.isnan(measure.inner_share([sample(5.0)]))

    @pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
    def test_the_slope_is_the_exponent_of_a_power_law(self, exponent: float) -> None:
        sizes = (1, 10, 40)
        assert measure.log_slope(sizes, [3 * size**exponent for size in sizes]) == pytest.approx(
            exponent
        )

    def test_a_slope_over_a_cost_that_is_not_positive_is_no_number(self) -> None:
        assert math.isnan(measure.log_slope((1, 10), (0.0, 1.0)))

    def test_a_fixed_cost_flattens_the_slope_unless_it_is_taken_off(self) -> None:
        sizes = (1, 10, 40)
        samples = [sample(0.5 + 0.3 * size) for size in sizes]
        assert measure.SizeSlope(sizes)(samples) < 0.9
        assert measure.NetSizeSlope(sizes)([sample(0.5), *samples]) == pytest.approx(1)

    def test_equal_time_at_equal_cells_is_linear_in_columns(self) -> None:
        slope = measure.EqualCellsSlope((20, 200, 2_000))
        assert slope([sample(3.0)] * 3) == pytest.approx(1)
        assert slope([sample(1.0), sample(10.0), sample(100.0)]) == pytest.approx(2)


class TestTable:
    def test_a_row_shows_median_spread_absolutes_and_verdict(self) -> None:
        assert run.table([row_of(1.5, 1.0, 2.5)]).splitlines()[2] == (
            "| ours against floor | ≤ 2 | 1.50 (1.00 to 2.50) "
            "| ours: 1.50 s, 100 MB; floor: 1.00 s, 100 MB | yes |"
        )

    def test_a_missed_target_says_no(self) -> None:
        assert run.table([row_of(2.1, 2.2)]).endswith("| **no** |")

    def test_a_quick_run_does_not_judge(self) -> None:
        assert run.table([row_of(9.0)], quick=True).endswith("| – |")

    def test_a_round_without_a_number_has_no_median(self) -> None:
        row = row_of(1.0, math.nan)
        assert math.isnan(row.median)
        assert not row.case.target.met(row.median)

    def test_a_time_that_the_command_reports_comes_before_wall_time(self) -> None:
        command = measure.Command("ours", ())
        case = cases.Case("n", "g", "w", ALWAYS_TWO, measure.wall_seconds, (command,))
        row = run.Row(case, ({command: sample(5.0, inner_s=0.125)},))
        assert run.absolutes(row, command) == "ours: 0.125 s, 100 MB"

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0.05, "0.0500"), (1.0, "1.00"), (12.34, "12.3"), (4812.3, "4,812"), (math.nan, "–")],
    )
    def test_numbers_have_three_digits(self, value: float, text: str) -> None:
        assert run.number(value) == text

    @pytest.mark.parametrize(
        ("target", "text", "inside", "outside"),
        [
            (cases.Target(high=0.7), "≤ 0.7", 0.7, 0.71),
            (cases.Target(low=8), "≥ 8", 8.0, 7.9),
            (cases.Target(0.9, 1.1), "0.9 to 1.1", 1.0, 0.89),
            (cases.Target(high=1_000, unit=" MB"), "≤ 1,000 MB", 999.0, 1_001.0),
        ],
    )
    def test_a_target_is_a_range(
        self, target: cases.Target, text: str, inside: float, outside: float
    ) -> None:
        assert str(target) == text
        assert target.met(inside)
        assert not target.met(outside)

    def test_the_json_holds_every_sample(self) -> None:
        text = run.document([row_of(1.0, 2.0)], {"python": "3"}, quick=False)
        (row,) = json.loads(text)["rows"]
        assert (row["values"], row["median"], row["met"]) == ([1.0, 2.0], 1.5, True)
        assert [cost["wall_s"] for cost in row["samples"]["ours"]] == [1.0, 2.0]

    def test_json_has_null_where_there_is_no_number(self) -> None:
        assert run.finite(math.nan) is None
        assert run.finite(1.5) == 1.5


class TestDerive:
    def test_the_files_of_a_directory_are_the_rows(self, tmp_path: Path) -> None:
        dataset = measure.Dataset(25_000, columns=3, suffix="files")
        measure.generate(dataset, tmp_path)
        source = measure.Dataset(25_000, columns=3)
        for folder, path in zip(dataset.paths(tmp_path), source.paths(tmp_path), strict=True):
            files = sorted(folder.iterdir())
            assert [pq.read_metadata(file).num_rows for file in files] == [10_000, 10_000, 5_000]
            assert pa.concat_tables(map(pq.read_table, files)).equals(pq.read_table(path))
        assert derive.FILE_ROWS == cases.FILE_ROWS

    def test_profiles_compare_like_the_pair(self, tmp_path: Path) -> None:
        dataset = measure.Dataset(1_000, columns=3, suffix="profile")
        measure.generate(dataset, tmp_path)
        source = measure.Dataset(1_000, columns=3)
        reports = [driftcli.compare(*each.paths(tmp_path)).columns for each in (dataset, source)]
        assert reports[0] == reports[1]

    def test_a_year_holds_the_rows_in_order(self, tmp_path: Path) -> None:
        dataset = measure.Dataset(20_000, suffix="year", sides=("baseline",))
        measure.generate(dataset, tmp_path)
        (path,) = dataset.paths(tmp_path)
        made = pq.read_table(path)
        days = made["ordered_at"].cast(pa.date32())
        assert len(days.unique()) == 365
        assert made["ordered_at"].to_pylist() == sorted(made["ordered_at"].to_pylist())
        (source,) = measure.Dataset(20_000, sides=("baseline",)).paths(tmp_path)
        assert made.drop_columns("ordered_at").equals(
            pq.read_table(source).drop_columns("ordered_at")
        )
        assert [each.name for each in path.parent.iterdir()] == ["baseline.parquet"]

    def test_segments_are_fifty_on_either_side(self, tmp_path: Path) -> None:
        dataset = measure.Dataset(20_000, suffix="segments")
        measure.generate(dataset, tmp_path)
        before, after = (pq.read_table(path)["plan"] for path in dataset.paths(tmp_path))
        assert len(before.unique()) == len(after.unique()) == derive.REGIONS
        assert not before.equals(after)


class TestCases:
    @pytest.mark.parametrize("shrink", [1, run.QUICK_SHRINK])
    def test_names_and_labels_are_unique(self, shrink: int) -> None:
        table = cases.cases(shrink)
        names = [case.name for case in table]
        commands = {command for case in table for command in case.commands}
        assert len(set(names)) == len(names)
        assert len({command.label for command in commands}) == len(commands)

    def test_the_page_lists_the_cases_in_order(self) -> None:
        page = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
        listed = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)
        assert listed == [case.name for case in cases.cases()]

    def test_scripts_and_data_are_named_with_the_interpreter(self, tmp_path: Path) -> None:
        for case in cases.cases():
            for command in case.commands:
                argv = command.argv(tmp_path)
                scripts = [Path(part) for part in argv if part.endswith(".py")]
                assert argv[0] == sys.executable
                assert all(script.is_file() for script in scripts)
                sides = command.dataset.sides if command.dataset else ()
                assert sum(str(tmp_path) in part for part in argv) == len(sides)

    def test_a_saved_baseline_takes_the_place_of_the_data(self, tmp_path: Path) -> None:
        data = measure.Dataset(1_000)
        command = cases.drift_saved(measure.Dataset(1_000, suffix="profile"), data)
        names = [Path(part).name for part in command.argv(tmp_path)[-2:]]
        assert names == ["baseline.profile", "current.parquet"]
        assert [each.suffix for each in command.datasets] == ["profile", "parquet"]

    def test_a_timeline_is_of_one_file(self, tmp_path: Path) -> None:
        command = cases.timeline(measure.Dataset(1_000, sides=("current",)), "1d")
        assert [part for part in command.argv(tmp_path) if str(tmp_path) in part] == [
            str(tmp_path / "parquet-1000-rows-20-columns" / "current.parquet")
        ]
        assert command.accepts == (0, 1)

    def test_a_drift_verdict_is_an_accepted_answer(self) -> None:
        command = cases.drift(measure.Dataset(1_000))
        assert command.accepts == (0, 1)
        assert command.label == "drift 1,000 × 20 parquet"

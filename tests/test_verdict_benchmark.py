"""The benchmark of the verdicts draws, changes and judges what it says it does."""

import json
import subprocess
import sys
from dataclasses import asdict
from math import ceil, log, sqrt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks" / "verdicts"
# The scripts are run from their folder and import each other by name.
sys.path.append(str(FOLDER))

import budget  # noqa: E402
import days  # noqa: E402
import drifts  # noqa: E402
import populations  # noqa: E402
import rules  # noqa: E402
import tables  # noqa: E402
import trials  # noqa: E402

pytestmark = pytest.mark.slow

# Its `run` must not be taken for that of the other benchmarks.
sys.path.remove(str(FOLDER))

ROWS = 1_050
POPULATIONS = list(populations.POPULATIONS.values())


def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def drawn(shape: str, rows: int = ROWS) -> tuple[pa.Array, pa.Array]:
    rng = generator()
    first, second = (populations.SHAPES[shape](rng, rows) for _ in range(2))
    return first, second


def injected(drift: str, shape: str, rows: int = ROWS) -> tuple[pa.Array, pa.Array]:
    """Return the current side of a shape, unchanged and changed."""
    baseline, current = drawn(shape, rows)
    return current, drifts.DRIFTS[drift].inject(generator(), baseline, current)


def counts(column: pa.Array) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in pc.value_counts(column).to_pylist()}


def outcome(
    status: str, drift: str = "", *, psi: bool = False, effect: float = 1.5
) -> trials.Outcome:
    trial = trials.Trial("synthetic", 100, 0, drift)
    found = dict.fromkeys(rules.RULES, False) | {rules.PSI: psi}
    return trials.Outcome(trial, {"x": status}, (), {"x": found}, effect)


class TestPopulations:
    def test_there_are_nine(self) -> None:
        assert len(POPULATIONS) == 9

    @pytest.mark.parametrize("population", POPULATIONS, ids=lambda each: each.name)
    def test_a_draw_has_its_rows_and_depends_on_the_seed_alone(
        self, population: populations.Population
    ) -> None:
        draws = [population.draw(generator(), ROWS) for _ in range(2)]
        assert draws[0].num_rows == ROWS
        assert draws[0].equals(draws[1])
        assert not draws[0].equals(population.draw(np.random.default_rng(8), ROWS))
        assert draws[0].schema.equals(population.reference.schema)

    @pytest.mark.parametrize("population", POPULATIONS, ids=lambda each: each.name)
    def test_columns_are_numbers_times_or_categories_of_one_dictionary(
        self, population: populations.Population
    ) -> None:
        rng = generator()
        first, second = (population.draw(rng, 100).combine_chunks() for _ in range(2))
        for name in first.column_names:
            kind = first[name].type
            if populations.is_categorical(kind):
                dictionaries = [side[name].chunk(0).dictionary for side in (first, second)]
                assert dictionaries[0].equals(dictionaries[1])
            else:
                assert populations.is_numeric(kind) or pa.types.is_temporal(kind)

    def test_the_synthetic_table_has_its_shapes(self) -> None:
        table = populations.POPULATIONS["synthetic"].reference
        assert table.num_columns == 18
        shares = {name: table[name].null_count / table.num_rows for name in table.column_names}
        assert shares["category_missing"] == pytest.approx(0.05, abs=0.01)
        assert shares["normal_missing"] == pytest.approx(0.1, abs=0.01)
        zeros = np.mean(populations.numbers(table["zero_inflated"]) == 0)
        assert zeros == pytest.approx(0.9, abs=0.01)
        assert len(table["zipf_30"].unique()) == 30

    def test_categories_that_hardly_repeat_name_rows(self) -> None:
        names = pa.array([f"n{number}" for number in range(100)]).dictionary_encode()
        assert populations.names_rows(names)
        assert not populations.names_rows(drawn("zipf_30")[0])
        assert not populations.names_rows(pa.array(range(100)))


class TestDrifts:
    @pytest.mark.parametrize("deviations", [0.05, 0.1, 0.25, 0.5])
    def test_the_mean_moves_by_baseline_deviations(self, deviations: float) -> None:
        baseline, _ = drawn("lognormal")
        before, after = injected(f"mean + {deviations} sd", "lognormal")
        step = deviations * np.std(populations.numbers(baseline))
        moved = populations.numbers(after) - populations.numbers(before)
        assert moved == pytest.approx(np.full(ROWS, step))

    def test_whole_numbers_stay_whole_and_move_as_far_on_average(self) -> None:
        baseline, _ = drawn("counts", 100_000)
        before, after = injected("mean + 0.1 sd", "counts", 100_000)
        assert after.type == before.type
        moved = populations.numbers(after).mean() - populations.numbers(before).mean()
        assert moved == pytest.approx(0.1 * np.std(populations.numbers(baseline)), rel=0.05)

    @pytest.mark.parametrize("factor", [1.1, 1.5])
    def test_the_scale_grows_about_the_mean(self, factor: float) -> None:
        before, after = map(populations.numbers, injected(f"scale × {factor}", "normal_missing"))
        assert after.std() == pytest.approx(factor * before.std())
        assert after.mean() == pytest.approx(before.mean())

    def test_the_tail_alone_moves(self) -> None:
        before, after = map(populations.numbers, injected("tail × 3", "exponential"))
        moved = after != before
        assert moved.sum() == ceil(0.01 * ROWS)
        assert before[moved].min() >= before[~moved].max()
        centre = np.median(before)
        assert after[moved] - centre == pytest.approx(3 * (before[moved] - centre))

    def test_a_mode_is_lost(self) -> None:
        before, after = map(populations.numbers, injected("lost mode", "bimodal"))
        assert np.mean(before > 5) == pytest.approx(0.3, abs=0.05)
        assert not np.any(after > 5)
        assert np.array_equal(after[before < 5], before[before < 5])

    @pytest.mark.parametrize("shape", ["normal", "binary", "wide_integers", "student_1_5"])
    def test_no_number_is_shared(self, shape: str) -> None:
        baseline, _ = drawn(shape)
        before, after = map(populations.numbers, injected("disjoint numbers", shape))
        assert after.min() > max(before.max(), populations.numbers(baseline).max())

    @pytest.mark.parametrize("points", [2, 5, 10])
    def test_rows_go_from_the_first_category_to_the_second(self, points: int) -> None:
        before, after = injected(f"{points} points between categories", "category_missing")
        moved = round(points / 100 * ROWS)
        was, is_now = counts(before), counts(after)
        changes = {each: is_now[each] - was[each] for each in was}
        assert changes == {None: 0, "c0": -moved, "c1": moved, "c2": 0, "c3": 0}

    def test_a_new_category_takes_one_row_in_a_hundred(self) -> None:
        before, after = injected("new category, 1 %", "category_missing")
        assert counts(after)["(new)"] == ceil(0.01 * ROWS) == 11
        assert after.null_count == before.null_count

    def test_every_category_is_renamed(self) -> None:
        before, after = injected("renamed categories", "category_missing")
        assert not set(counts(before)) & set(counts(after)) - {None}
        assert sorted(counts(before).values()) == sorted(counts(after).values())

    @pytest.mark.parametrize("points", [2, 5])
    @pytest.mark.parametrize("shape", ["normal_missing", "category_missing", "counts"])
    def test_so_many_more_rows_are_missing(self, points: int, shape: str) -> None:
        before, after = injected(f"missing + {points} points", shape)
        assert after.null_count - before.null_count == round(points / 100 * ROWS)
        kept = np.asarray(after.is_valid())
        assert after.filter(kept).equals(before.filter(kept))

    @pytest.mark.parametrize("drift", [each for each in drifts.DRIFTS if "missing" not in each])
    def test_types_and_missing_rows_stay(self, drift: str) -> None:
        table = populations.POPULATIONS["synthetic"].reference
        for shape in trials.candidates("synthetic", drift):
            before, after = injected(drift, shape)
            assert after.type == table[shape].type
            assert after.is_null().equals(before.is_null())

    def test_drifts_apply_where_they_can(self) -> None:
        assert trials.candidates("synthetic", "lost mode") == ["bimodal"]
        assert "binary" not in trials.candidates("synthetic", "tail × 3")
        assert "year" not in trials.candidates("flights", "mean + 0.1 sd")
        assert "zipf_1000" not in trials.candidates("synthetic", "10 points between categories")


class TestRules:
    def test_ks_by_hand(self) -> None:
        # The values lie apart: of the 20 equally likely splits of six ranks, two are so extreme.
        p_value = rules.ks_p_value(np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
        assert p_value == pytest.approx(2 / 20)

    def test_chi_square_by_hand(self) -> None:
        # Every cell expects 20: χ² is 4 · 10² / 20 = 20 over two degrees of freedom, p = exp(−10).
        p, q = np.array([30, 20, 10, 0]), np.array([10, 20, 30, 0])
        assert rules.chi_square_p_value(p, q) == pytest.approx(np.exp(-10))

    def test_psi_by_hand(self) -> None:
        psi = rules.psi(np.array([50, 50]), np.array([25, 75]))
        assert psi == pytest.approx(0.25 * log(2) + 0.25 * log(1.5))

    def test_psi_replaces_zero_shares(self) -> None:
        psi = rules.psi(np.array([10, 0]), np.array([5, 5]))
        assert psi == pytest.approx(0.5 * log(2) + (0.5 - 1e-4) * log(0.5 / 1e-4))

    def test_js_distance_by_hand(self) -> None:
        assert rules.js_distance(np.array([4, 0]), np.array([0, 9])) == pytest.approx(1)
        # Against the mixture (3/4, 1/4): log2(4/3) and 1/2 log2(2/3) + 1/2 log2(2).
        divergence = (log(4 / 3) + log(2 / 3) / 2 + log(2) / 2) / log(2) / 2
        distance = rules.js_distance(np.array([8, 0]), np.array([4, 4]))
        assert distance == pytest.approx(sqrt(divergence))

    def test_deciles_are_of_the_baseline_and_open(self) -> None:
        x = np.arange(100.0)
        p, q = rules.decile_counts(x, np.array([-5.0, 0.5, 55, 1e9]))
        assert p.tolist() == [10] * 10
        assert q.tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]

    def test_deciles_that_agree_are_one_edge(self) -> None:
        p, q = rules.decile_counts(np.array([0.0] * 5 + [1.0] * 5), np.array([0.0, 1, 1, 1]))
        assert p[p > 0].tolist() == [5, 5]
        assert q[q > 0].tolist() == [1, 3]

    def test_widths_are_of_both_sides(self) -> None:
        p, q = rules.equal_width_counts(np.array([0.0, 1.0]), np.array([9.5, 10.0]))
        assert p.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        assert q.tolist() == [0] * 9 + [2]

    def test_categories_are_matched_by_name(self) -> None:
        p = pa.array(["a", "b", "a", None]).dictionary_encode()
        q = pa.array(["b", "c"]).dictionary_encode()
        assert [each.tolist() for each in rules.category_counts(p, q)] == [[2, 1, 0], [0, 1, 1]]

    @pytest.mark.parametrize("shape", ["normal_missing", "category_missing"])
    def test_every_rule_finds_what_all_can_see(self, shape: str) -> None:
        drift = "disjoint numbers" if shape == "normal_missing" else "renamed categories"
        baseline, _ = drawn(shape)
        assert all(rules.alarms(baseline, injected(drift, shape)[1]).values())
        assert not any(rules.alarms(baseline, baseline).values())

    def test_a_side_without_values_is_no_alarm(self) -> None:
        empty = pa.nulls(3, pa.float64())
        assert not any(rules.alarms(empty, pa.array([1.0])).values())


class TestTrials:
    def test_each_study_has_seeds_of_its_own(self) -> None:
        known, fresh, other = (
            trials.Trial("synthetic", 100, 0, study=study).generator().random()
            for study in (0, trials.FRESH, 2)
        )
        assert len({known, fresh, other}) == 3

    def test_pairs_are_spread_over_the_populations(self) -> None:
        found = trials.no_drift_trials(18, [100, 1_000])
        assert len(set(found)) == len(found) == 36
        names = [trial.population for trial in found]
        assert all(names.count(each.name) == 4 for each in POPULATIONS)

    def test_every_drift_has_its_repeats_where_it_applies(self) -> None:
        found = trials.drift_trials(10, [100])
        assert len(set(found)) == len(found) == 10 * len(drifts.DRIFTS)
        assert all(trials.candidates(each.population, each.drift) for each in found)

    def test_without_drift_every_column_is_looked_at(self) -> None:
        outcome = trials.run_trial(trials.Trial("weather July", 100, 0))
        columns = populations.POPULATIONS["weather July"].reference.column_names
        assert set(outcome.statuses) == set(columns)
        assert set(outcome.others) == set(columns) - {"time_hour"}

    def test_with_drift_only_the_changed_column_is(self) -> None:
        outcome = trials.run_trial(trials.Trial("synthetic", 1_000, 0, "lost mode"))
        assert outcome.statuses == {"bimodal": "drift"}
        assert outcome.others == {"bimodal": dict.fromkeys(rules.RULES, True)}
        assert outcome.effect > 1
        assert all(each.p_adjusted <= 0.01 for each in outcome.alarms)

    def test_the_same_trial_has_the_same_outcome(self) -> None:
        trial = trials.Trial("car loans", 100, 3, "mean + 0.25 sd")
        assert trials.run_trial(trial) == trials.run_trial(trial)


class TestTables:
    def test_pairs_and_columns_are_counted(self) -> None:
        found = [outcome("drift"), *(outcome("ok", psi=True) for _ in range(3))]
        lines = tables.false_alarms(found).splitlines()
        # By hand, the interval of 1 in 4: centre 0.3774, half-width 0.3318 after Wilson.
        cells = "4 | 25 % (4.6 % to 70 %) | 0 % | 75 % | 0 %"
        assert lines.count(f"| 100 | {cells} |") == 2

    def test_fewer_is_beyond_sampling_error(self) -> None:
        assert tables.fewer([False] * 10, [True] * 10)
        assert not tables.fewer([False] * 3, [True] * 3)
        assert not tables.fewer([True] * 10, [True] * 10)
        assert not tables.fewer([True] * 10, [False] * 10)

    @pytest.mark.parametrize(("by_chance", "mark"), [(False, "▼"), (True, "▽")])
    def test_cells_are_marked(self, by_chance: bool, mark: str) -> None:
        found = [
            *(outcome("ok", drifts.NOTHING, psi=by_chance) for _ in range(10)),
            *(outcome("inconclusive", "lost mode", psi=True) for _ in range(10)),
        ]
        line = f"| lost mode | 10 of 10 | 1.5 | 100 | 0 % {mark} | 100 % | 0 % | 100 % | 0 % |"
        assert line in tables.power(found)

    def test_what_is_too_small_is_shown_apart_and_not_marked(self) -> None:
        found = [
            *(outcome("ok", drifts.NOTHING) for _ in range(10)),
            *(outcome("ok", "lost mode", psi=True, effect=0.4) for _ in range(10)),
            *(outcome("drift", "lost mode", psi=True) for _ in range(5)),
        ]
        matters, small = tables.power(found).split("### Power: by less than 0.9")
        assert "| lost mode | 5 of 15 | 1.5 | 100 | 100 % | 0 % | 0 % | 100 % | 0 % |" in matters
        assert "| lost mode | 10 of 15 | 0.4 | 100 | 0 % | 0 % | 0 % | 100 % | 0 % |" in small

    def test_what_is_near_a_threshold_is_listed_apart(self) -> None:
        found = [
            *(outcome("ok", drifts.NOTHING) for _ in range(10)),
            *(outcome("drift", "lost mode", effect=1.5) for _ in range(3)),
            *(outcome("drift", "lost mode", effect=1.3) for _ in range(4)),
            *(outcome("inconclusive", "lost mode", effect=1.0) for _ in range(2)),
            *(outcome("ok", "lost mode", effect=0.9) for _ in range(1)),
        ]
        told = tables.power(found)
        assert "| 100 | 1.5 or more | 3 | 100 % (44 % to 100 %) | 0 % |" in told
        assert "| 100 | 1 or more | 9 | 78 % (45 % to 94 %) | 22 % |" in told
        assert "| 100 | 0.9 to 1.2 | 3 | 0 % (0 % to 56 %) | 67 % |" in told
        parts = told.split("### Power: ")[1:]
        assert [part.count("| lost mode |") for part in parts] == [1, 1, 1, 0]
        assert "| lost mode | 4 of 10 | 1.3 |" in parts[1]


def some_days(name: str = "nights of 2013", count: int = 20, rows: int = 40) -> days.Days:
    first = np.datetime64("2013-06-01")
    values = np.arange(rows)
    table = pa.table({"carrier": ["a", "a", "b", "c"] * (rows // 4), "delay": values * 1.0})
    return days.Days(name, {first + at: table for at in range(count)})


class TestDays:
    def test_sides_share_no_days_and_are_the_same_again(self) -> None:
        pairs, again = (list(days.splits(some_days(), 7, 5, 3, study=2)) for _ in range(2))
        assert pairs == again
        assert all(len({*p, *q}) == 12 for p, q in pairs)
        assert pairs != list(days.splits(some_days(), 7, 5, 3, study=3))

    def test_categories_move_by_so_many_points(self) -> None:
        table = some_days().rows([np.datetime64("2013-06-01")])
        moved = days.between("carrier", 10, table)["carrier"]
        assert counts(moved) == {"a": 16, "b": 14, "c": 10}

    def test_values_move_to_a_twentieth_further_up(self) -> None:
        table = some_days().rows([np.datetime64("2013-06-01")])
        moved = days.one_bin_up(["delay"], 1.0, table)["delay"].to_pylist()
        assert moved[:3] == [2, 3, 4]
        assert max(moved) == 39


class TestBudget:
    @pytest.mark.parametrize("past", [30, 31, 61, 62, 200])
    def test_ranks_of_like_nights_multiply_wealth_by_1_on_average(self, past: int) -> None:
        ordered = np.arange(past, dtype=float)
        factors = [budget.factor(rank - 0.5, ordered) for rank in range(past + 1)]
        assert np.mean(factors) == pytest.approx(1)

    def test_few_past_nights_tell_nothing(self) -> None:
        assert budget.factor(9.0, np.arange(29.0)) == 1

    def test_rows_are_counted_by_night_and_cell(self) -> None:
        year = budget.year_of(some_days())
        assert year.tests["carrier"].tolist() == [[20, 10, 10]] * 20
        assert year.weekdays[:3].tolist() == [5, 6, 0]
        assert "carrier missing" not in year.tests

    @pytest.mark.parametrize("restart", budget.RESTARTS)
    def test_a_change_alarms_and_nights_without_do_not(self, restart: str) -> None:
        rng = np.random.default_rng(8)
        quiet = rng.multinomial(2_000, [0.5, 0.3, 0.2], 200)
        year = budget.Year("made", {"carrier": quiet}, np.arange(200) % 7)
        like = budget.WEEKDAYS["all"]
        assert budget.alarms(year, like, restart) == []
        found = budget.alarms(budget.moved(year, 0.1), like, restart)
        assert found[0][0] in range(budget.CHANGED_FROM, budget.CHANGED_FROM + 6)
        assert found[0][1] == ["carrier"]


@pytest.fixture(scope="module")
def quick_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Return a run with two jobs, and the file of its outcomes."""
    raw = tmp_path_factory.mktemp("verdicts") / "outcomes.json"
    command = [sys.executable, str(FOLDER / "run.py"), "--quick", "--jobs", "2", "--json", str(raw)]
    return subprocess.run(command, capture_output=True, text=True, check=False), raw


class TestCommand:
    def test_a_quick_run_prints_both_tables(
        self, quick_run: tuple[subprocess.CompletedProcess[str], Path]
    ) -> None:
        finished, _ = quick_run
        assert finished.returncode == 0, finished.stderr
        assert "## False alarms" in finished.stdout
        assert all(f"| {drift} |" in finished.stdout for drift in drifts.DRIFTS)
        assert "pairs" in finished.stderr

    def test_the_number_of_jobs_changes_nothing(
        self, quick_run: tuple[subprocess.CompletedProcess[str], Path]
    ) -> None:
        from_two = json.loads(quick_run[1].read_text("utf-8"))
        assert len(from_two) == 2 * (9 + len(drifts.DRIFTS))
        from_one = trials.outcomes(trials.no_drift_trials(9, [100], study=trials.FRESH), jobs=1)
        assert from_two[:9] == json.loads(json.dumps([asdict(each) for each in from_one]))

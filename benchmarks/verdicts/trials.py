"""One comparison after the other: what `drift` says of a pair, and what the other rules say.

A trial is known by its population, size, repeat and drift, and these are its seed: the outcome
depends neither on the trials around it nor on the process that runs it.
"""

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from zlib import crc32

import numpy as np
import pyarrow as pa
from drifts import DRIFTS
from populations import POPULATIONS, Generator, is_categorical, is_numeric, names_rows
from rules import alarms

import driftcli
from driftcli.report.columns import Column

TRIALS_AT_A_TIME = 4
#: Rows a side in which a score is hardly chance any more.
MANY_ROWS = 100_000
#: The study that is published: the rule has never seen its seeds.
FRESH = 1


@dataclass(frozen=True)
class Trial:
    """A pair of datasets to draw and compare; `drift` is empty where nothing is to drift.

    `config` is a file of other settings than the defaults. Each `study` has seeds of its own; those
    of 0 are the ones that the rule was developed on.
    """

    population: str
    rows: int
    repeat: int
    drift: str = ""
    config: str | None = None
    study: int = 0

    def generator(self) -> Generator:
        """Return the random numbers of this trial."""
        names = [crc32(name.encode()) for name in (self.population, self.drift)]
        study = [self.study] if self.study else []
        return np.random.default_rng([*study, self.rows, self.repeat, *names])


@dataclass(frozen=True)
class Alarm:
    """A score that made a column drift, for whoever looks into it."""

    column: str
    metric: str
    score: float
    threshold: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True)
class Outcome:
    """What is said of the columns that a trial looks at: the changed one, or all of them.

    Attributes
    ----------
    statuses
        What `drift` says of each column.
    alarms
        The scores by which columns drift.
    others
        Which other rules alarm, by column and rule; columns of times are left out.
    effect
        The highest score over its threshold that so changed a column reaches in many rows.
    """

    trial: Trial
    statuses: dict[str, str]
    alarms: tuple[Alarm, ...]
    others: dict[str, dict[str, bool]]
    effect: float


def no_drift_trials(
    pairs: int, sizes: Iterable[int], config: str | None = None, study: int = 0
) -> list[Trial]:
    """Return so many pairs without drift for each size, spread over the populations."""
    names = list(POPULATIONS)
    return [
        Trial(names[number % len(names)], rows, number // len(names), config=config, study=study)
        for rows, number in product(sizes, range(pairs))
    ]


def drift_trials(
    repeats: int, sizes: Iterable[int], config: str | None = None, study: int = 0
) -> list[Trial]:
    """Return so many pairs for each size and drift, spread over the populations it applies to."""
    hosts = {drift: [name for name in POPULATIONS if candidates(name, drift)] for drift in DRIFTS}
    return [
        Trial(hosts[drift][repeat % len(hosts[drift])], rows, repeat, drift, config, study)
        for rows, drift, repeat in product(sizes, DRIFTS, range(repeats))
    ]


@lru_cache
def candidates(population: str, drift: str) -> Sequence[str]:
    """Return the columns of a population that can change so."""
    table = POPULATIONS[population].reference
    return [name for name in table.column_names if DRIFTS[drift].applies(name, table[name])]


def outcomes(trials: Sequence[Trial], jobs: int) -> Iterator[Outcome]:
    """Yield the outcomes of the trials, in their order, from so many processes."""
    if jobs == 1:
        yield from map(run_trial, trials)
        return
    # Forked processes would share the locks of Arrow's threads.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, fresh, pa.set_cpu_count, (1,)) as pool:
        yield from pool.map(run_trial, trials, chunksize=TRIALS_AT_A_TIME)


def run_trial(trial: Trial) -> Outcome:
    """Draw the pair of a trial, change a column if one is to drift, and compare."""
    rng = trial.generator()
    population = POPULATIONS[trial.population]
    baseline, current = (population.draw(rng, trial.rows) for _ in range(2))
    looked_at, effect = baseline.column_names, 0.0
    if trial.drift:
        names = rng.permutation(candidates(trial.population, trial.drift)).tolist()
        changed = next(name for name in names if not names_rows(_array(baseline, name)))
        current = _with_drift(trial.drift, rng, baseline, current, changed)
        looked_at = [changed]
        effect = effect_of(trial.population, trial.drift, changed, trial.config)
    report = driftcli.compare(baseline, current, threads=1, config=trial.config)
    columns = [column for column in report.columns if column.name in looked_at]
    return _outcome(trial, baseline, current, columns, effect)


@cache
def effect_of(population: str, drift: str, column: str, config: str | None = None) -> float:
    """Return the highest score over its threshold that a drift of a column makes in many rows."""
    rng = Trial(population, MANY_ROWS, 0, drift).generator()
    baseline, current = (
        POPULATIONS[population].draw(rng, MANY_ROWS).select([column]) for _ in range(2)
    )
    changed = _with_drift(drift, rng, baseline, current, column)
    report = driftcli.compare(baseline, changed, threads=1, config=config)
    return max(map(_effect, report.columns))


def _with_drift(
    drift: str, rng: Generator, baseline: pa.Table, current: pa.Table, column: str
) -> pa.Table:
    changed = DRIFTS[drift].inject(rng, _array(baseline, column), _array(current, column))
    return current.set_column(current.column_names.index(column), column, changed)


def _array(table: pa.Table, column: str) -> pa.Array:
    return table[column].combine_chunks()


def _outcome(
    trial: Trial,
    baseline: pa.Table,
    current: pa.Table,
    columns: Sequence[Column],
    effect: float,
) -> Outcome:
    names = [column.name for column in columns]
    comparable = [
        name
        for name in names
        if is_numeric(baseline[name].type) or is_categorical(baseline[name].type)
    ]
    return Outcome(
        trial,
        {column.name: column.status for column in columns},
        tuple(alarm for column in columns for alarm in _alarms(column)),
        {name: alarms(_array(baseline, name), _array(current, name)) for name in comparable},
        effect,
    )


def _alarms(column: Column) -> Iterator[Alarm]:
    for score in column.scores:
        if score.status == "drift":
            assert score.threshold is not None
            assert score.p_value is not None
            assert score.p_adjusted is not None
            yield Alarm(
                column.name,
                score.metric,
                score.number,
                score.threshold,
                score.p_value,
                score.p_adjusted,
            )


def _effect(column: Column) -> float:
    ratios = [
        score.number / score.threshold for score in column.scores if score.gated and score.threshold
    ]
    return max(ratios, default=0.0)

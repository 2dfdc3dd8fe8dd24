"""How far what looks at all columns together can be trusted: on samples whose truth is known.

python benchmarks/joint/studies.py null --seeds 500 --rows 300,1000,10000
python benchmarks/joint/studies.py bound --seeds 20 --rows 10000
python benchmarks/joint/studies.py coverage --seeds 200 --rows 2000
python benchmarks/joint/studies.py witness --seeds 200 --rows 5000
python benchmarks/joint/studies.py critic --seeds 3 --rows 10000
python benchmarks/joint/studies.py theta --seeds 3 --rows 2000
python benchmarks/joint/studies.py cost

Those of pairs of columns are in pairs.py.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from laws import DISTANCES, DIVERGENCES, Case, mixed, segment
from pairs import days, halves, margins, pairs, permuted, power

import driftcli
from driftcli.comparison.joint.features import ColumnValues, all_features
from driftcli.metrics.joint.critic import criticised
from driftcli.metrics.joint.dealing import Rows
from driftcli.metrics.joint.discriminator import prequential_p_value, won_bits
from driftcli.metrics.joint.held_out import sum_of_means
from driftcli.metrics.joint.witness import witnessed
from driftcli.profile.kinds import kind_of

_LEVEL = 0.01
_OF_BOUND = ("correlation 0 → 0.5", "correlation -0.5 → 0.5", "shift 1")
_THETAS = (-1, -0.1, 0, 0.01, 0.1, 0.5, 1, 2)
_MILLION = 1_000_000


def drawn(case: Case, seed: int, rows: int) -> Rows:
    rng = np.random.default_rng([15, seed])
    return Rows(case.p(rng, rows), case.q(rng, rows))


def found(case: Case, seed: int, rows: int) -> tuple[float, float]:
    """Return what a discriminator wins, and its limit."""
    sides = drawn(case, seed, rows)
    won = sum_of_means(*won_bits(sides, np.zeros(sides.p.shape[1], np.bool_)))
    return won.value, won.limit


def null(seeds: range, rows: int) -> Iterator[str]:
    """Yield how often the discriminator's test alarms on mixed data of which nothing changed."""
    yield "| rows a side | seeds | p ≤ 0.01 | p ≤ 0.05 |"
    p_values = []
    for seed in seeds:
        rng = np.random.default_rng([16, rows, seed])
        _, sides, categorical = all_features(columns(mixed(rng, rows), mixed(rng, rows)), None)
        p_values.append(prequential_p_value(sides, categorical))
    alarms = " | ".join(f"{np.mean(np.array(p_values) <= level):.1%}" for level in (0.01, 0.05))
    yield f"| {rows:,} | {len(seeds)} | {alarms} |"


def columns(baseline: pa.Table, current: pa.Table) -> dict[str, ColumnValues]:
    return {
        name: ColumnValues(
            *(side.column(name).combine_chunks() for side in (baseline, current)),
            kind_of(baseline.schema.field(name).type),
        )
        for name in baseline.column_names
    }


def bound(seeds: range, rows: int) -> Iterator[str]:
    """Yield how much of a divergence the discriminator finds."""
    yield f"| case, {rows:,} rows | true, bits | found ÷ true, mean | least | most |"
    for name in _OF_BOUND:
        case = DIVERGENCES[name]
        ratios = np.array([found(case, seed, rows)[0] for seed in seeds]) / case.value
        yield (
            f"| {name} | {case.value} | {ratios.mean():.3f} | {ratios.min():.3f} |"
            f" {ratios.max():.3f} |"
        )


def coverage(seeds: range, rows: int) -> Iterator[str]:
    """Yield how often the discriminator's limit is no more than the truth."""
    yield f"| case, {rows:,} rows, {len(seeds)} seeds | true, bits | limit, mean | limit ≤ true |"
    for name, case in DIVERGENCES.items():
        limits = np.array([found(case, seed, rows)[1] for seed in seeds])
        held = float((limits <= case.value).mean())
        yield f"| {name} | {case.value} | {limits.mean():.4f} | {held:.1%} |"


def witness(seeds: range, rows: int) -> Iterator[str]:
    """Yield what a witness finds of known distances."""
    yield f"| case, {rows:,} rows, {len(seeds)} seeds | true | found | limit ≤ true | p ≤ 0.01 |"
    for name, case in DISTANCES.items():
        distances = [witnessed(drawn(case, seed, rows)).distance for seed in seeds]
        mean = np.mean([each.value for each in distances])
        held = np.mean([each.limit <= case.value for each in distances])
        alarms = np.mean([each.p_value <= _LEVEL for each in distances])
        yield f"| {name} | {case.value} | {mean:.3f} | {held:.1%} | {alarms:.1%} |"


def critic(seeds: range, rows: int, ways: str = "orthogonal,spectral,gp,clip") -> Iterator[str]:
    """Yield what networks find of known distances, by how their slope is held."""
    yield (
        f"| case, {rows:,} rows, {len(seeds)} seeds | true | way | bias | spread | slope ≤ |"
        " steepest seen | certified | CPU s |"
    )
    for name, case in DISTANCES.items():
        for way in ways.split(","):
            start = time.process_time()
            made = [criticised(drawn(case, seed, rows), way) for seed in seeds]
            seconds = (time.process_time() - start) / len(seeds)
            values = np.array([each.distance.value for each in made])
            constant = np.mean([each.constant for each in made])
            steepest = np.max([each.gradient for each in made])
            certified = np.mean([each.certified.value for each in made])
            yield (
                f"| {name} | {case.value} | {way} | {values.mean() - case.value:+.3f} |"
                f" {values.std():.3f} |"
                f" {constant:.3f} | {steepest:.2f} | {certified:.3f} | {seconds:.1f} |"
            )


def theta(seeds: range, rows: int) -> Iterator[str]:
    """Yield both curves over the distance of parallel segments, and what is found of them."""
    yield (
        f"| θ, {rows:,} rows, {len(seeds)} seeds | JSD, bits | discriminator | W₁ | witness |"
        " critic |"
    )
    for distance in _THETAS:
        case = Case(segment(0), segment(distance), abs(distance))
        won = np.mean([found(case, seed, rows)[0] for seed in seeds])
        sides = [drawn(case, seed, rows) for seed in seeds]
        seen = np.mean([witnessed(each).distance.value for each in sides])
        certified = np.mean([criticised(each, "orthogonal").certified.value for each in sides])
        yield (
            f"| {distance:g} | {float(distance != 0):g} | {won:.3f} | {abs(distance):g} |"
            f" {seen:.3f} | {certified:.3f} |"
        )


def cost(_seeds: range, _rows: int) -> Iterator[str]:
    """Yield what a million rows of 20 columns take, sampled to 50,000 a side."""
    rng = np.random.default_rng(17)
    sides = [pa.table({f"x{at}": rng.normal(size=_MILLION) for at in range(20)}) for _ in range(2)]
    asked = ({}, {"witness": True}, {"discriminator": True}, {"critic": True})
    yield "| asked | CPU s | most memory so far, MB |"
    for each in asked:
        start = time.process_time()
        driftcli.joint(*sides, **each)
        seconds = time.process_time() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        yield f"| {', '.join(each) or 'pairs'} | {seconds:.1f} | {memory:,} |"


STUDIES: dict[str, Callable[[range, int], Iterator[str]]] = {
    each.__name__: each
    for each in (
        *(pairs, margins, power, halves, permuted, days),
        *(null, bound, coverage, witness, critic, theta, cost),
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--rows", default="2000", help="of a side; several as 300,1000")
    given = parser.parse_args()
    for rows in map(int, given.rows.split(",")):
        seeds = range(given.first, given.first + given.seeds)
        for line in STUDIES[given.study](seeds, rows):
            print(line, flush=True)


if __name__ == "__main__":
    main()

"""Pairs of columns, from what the user named to the report."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import Any, cast, get_args

from msgspec import structs
from msgspec.structs import replace

from driftcli.comparison.joint.compare import compare_pairs
from driftcli.comparison.joint.instruments import PAIRS_ALONE, Instruments
from driftcli.config import JOINT_THRESHOLDS, Configuration
from driftcli.errors import UsageError, missing_package, nearest
from driftcli.pipeline import blocks, comparing
from driftcli.pipeline.comparing import Ran, compared
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.kept_pairs import MOST_COLUMNS, check_rows, independent, keep_pairs
from driftcli.pipeline.selection import Selection
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.profile.kept_rows import KeptRows
from driftcli.report.comparison import Finding
from driftcli.report.instruments import Lipschitz
from driftcli.report.joint import Joint

#: Rows that are drawn of each side where nothing else is asked for: dependence below the default
#: thresholds is far above what chance shows of so many.
ROWS = 50_000


def check_threshold(metric: str, given: str, asked: Instruments) -> None:
    """Refuse a threshold that would change nothing here.

    Parameters
    ----------
    given
        What messages call it.

    Raises
    ------
    UsageError
        When it is of single columns, or of an instrument that is not asked.
    """
    if metric not in JOINT_THRESHOLDS:
        hint = nearest(metric, JOINT_THRESHOLDS)
        others = "" if hint.endswith("?") else "; those of single columns are for drift compare"
        raise UsageError(f"{given}: no threshold of pairs; {hint}{others}")
    lacking = {"joint_jsd": not asked.discriminator, "joint_wasserstein": not asked.critic}
    if lacking.get(metric):
        option = "--discriminator" if metric == "joint_jsd" else "--critic"
        raise UsageError(f"{given}: is of an instrument that was not asked; add {option}")


def instruments(
    *, witness: bool, discriminator: bool, critic: bool, lipschitz: str | None
) -> Instruments:
    """Return what is asked of all columns together, of what options and arguments say.

    Raises
    ------
    UsageError
        When it is not known how to hold a slope, or there is none to hold.
    """
    ways = get_args(Lipschitz)
    if lipschitz is not None and not critic:
        raise UsageError(f"--lipschitz {lipschitz}: is of a critic; add --critic, or leave it out")
    if lipschitz is not None and lipschitz not in ways:
        raise UsageError(f"--lipschitz {lipschitz!r}: {nearest(lipschitz, ways)}")
    way = (lipschitz or ways[0]) if critic else None
    return Instruments(witness, discriminator, cast("Lipschitz | None", way))


def run(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    asked: Instruments,
) -> Joint:
    """Read both datasets once, draw rows of each, and compare their pairs of columns.

    Parameters
    ----------
    asked
        What else is asked, of all columns together.

    Raises
    ------
    DriftError
        When data cannot be read, or has no rows as a saved profile has none, or a setting cannot
        be used, or a package is missing that an instrument needs.
    """
    _check_packages(asked)
    drawn_for = partial(blocks.drawn_for, configuration)
    reading = replace(
        reading,
        sample=reading.sample or ROWS,
        rows_for="drift joint",
        drawn_for=drawn_for,
    )
    p, q = compared(baseline, current, configuration, selection, reading)
    return _pairs(p, q, configuration, asked)


def run_beside(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    *,
    details: bool = False,
) -> tuple[Ran, Joint]:
    """Compare both datasets, and their pairs of columns from rows drawn in the same reading.

    The profile of the current data has tables of its pairs, in the cells of those of the baseline.

    Raises
    ------
    DriftError
        As `run` does.
    """
    reading = replace(reading, rows_for=configuration.place(("joint",)), drawn=True)
    ran = comparing.run(baseline, current, configuration, selection, reading, details=details)
    ran = _keeping_pairs(ran)
    # Segments take more rows.
    p, q = (_drawn(side, ROWS) for side in (ran.baseline, ran.current))
    return ran, _pairs(p, q, configuration, PAIRS_ALONE)


def run_before_pairs(
    baseline: DatasetProfile,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    *,
    details: bool = False,
) -> Ran:
    """Compare columns alone with runs that kept no tables of pairs, and keep those of this one.

    Raises
    ------
    DriftError
        As `run` does, or when this run has no tables either.
    """
    reading = replace(reading, drawn=True)
    ran = comparing.run(baseline, current, configuration, selection, reading, details=details)
    ran, place = _keeping_pairs(ran), configuration.place(("joint",))
    if ran.current.whole.rows and not ran.current.whole.pairs:
        raise UsageError(
            f"{place}: {ran.current.whole.source} has no tables of pairs to be kept for later runs:"
            f" these are of 2 to {MOST_COLUMNS} columns of numbers and categories in data; exclude"
            " some, or name a baseline of data"
        )
    told = Finding(
        kind="settings",
        column=None,
        status="ok",
        message=f"{place}: no run of {baseline.source} kept tables of pairs; this one does, and"
        " the next is compared by them",
    )
    report = structs.replace(ran.report, findings=(*ran.report.findings, told))
    return ran._replace(report=report)


def _keeping_pairs(ran: Ran) -> Ran:
    """Return a comparison whose current data has tables of its pairs, like those of the other."""
    drawn = _drawn(ran.current, ROWS)
    whole = keep_pairs(drawn, ran.current.whole, ran.baseline.whole)
    return ran._replace(current=replace(ran.current, whole=whole))


def _drawn(side: Profiled, most: int) -> Profiled:
    """Return a side with no more rows than so many, those that were drawn first."""
    if side.drawn is None or side.keys is None:
        return side
    fewer = KeptRows(side.drawn, side.keys, most).smallest(most)
    return replace(side, drawn=fewer.rows, keys=fewer.keys)


def _pairs(p: Profiled, q: Profiled, configuration: Configuration, asked: Instruments) -> Joint:
    check_rows(p, q, asked)
    cut, found = blocks.cut_of(p, q, configuration)
    together = blocks.rows_in_blocks(p, q, cut) if cut else None
    joint = compare_pairs(p, q, configuration.settings, together, found, asked)
    said = independent(p, q, configuration)
    # What is well is so whichever rows move together.
    if said is None or found or joint.verdict not in ("warn", "drift", "inconclusive"):
        return joint
    return structs.replace(joint, findings=(*joint.findings, said))


def _check_packages(asked: Instruments) -> None:
    """Refuse before any work what lacks its package."""
    if asked.discriminator and not find_spec("sklearn"):
        raise UsageError(f"--discriminator: {missing_package('scikit-learn')}")
    if asked.critic and not find_spec("torch"):
        raise UsageError(
            f"--critic: {missing_package('torch')}; PyTorch's own page has a smaller build, for"
            " processors alone"
        )

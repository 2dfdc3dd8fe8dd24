"""Tables of pairs in the place of rows: made of data, and taken of saved profiles."""

from __future__ import annotations

from msgspec.structs import replace

from driftcli.arrays import concatenated
from driftcli.comparison.joint.instruments import PAIRS_ALONE, Instruments
from driftcli.comparison.joint.saved import kept_tables
from driftcli.comparison.roles import role_of
from driftcli.config import INDEPENDENT, Configuration
from driftcli.errors import UsageError
from driftcli.pipeline.blocks import said, times_of
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.report.comparison import Finding

#: Columns whose pairs are kept at most: some 2,000 tables.
MOST_COLUMNS = 64
_REMEDY = "give data, or make it with drift profile --keep-rows N"


def keep_pairs(
    made: Profiled, whole: DatasetProfile, like: DatasetProfile | None = None
) -> DatasetProfile:
    """Return the profile of data with the tables of its pairs, unless it keeps rows for them.

    Columns are cut as those of a profile that this is to be `like`, if it has tables.
    """
    if made.drawn is None or not made.drawn.num_rows or whole.rows_kept is not None:
        return whole
    columns = {
        name: (concatenated(made.drawn.column(name).chunks), each.kind)
        for name, each in whole.columns.items()
        if each.kind in ("numeric", "categorical") and role_of(name, each) == "values"
    }
    if not 1 < len(columns) <= MOST_COLUMNS:
        return whole
    pairs = kept_tables(columns, made.drawn.num_rows, like.pairs if like else None)
    return replace(whole, pairs=pairs)


def check_rows(p: Profiled, q: Profiled, asked: Instruments) -> None:
    """Refuse what tables do not tell.

    Raises
    ------
    UsageError
        When both sides keep tables alone, or an instrument is asked, which takes rows.
    """
    without = [side.whole.source for side in (p, q) if side.drawn is None and side.whole.rows]
    if len(without) > 1:
        raise UsageError(
            f"{without[0]}: a profile without rows, as {without[1]} is: tables of pairs are"
            f" compared with rows; {_REMEDY}"
        )
    if without and asked != PAIRS_ALONE:
        named = next(
            name for name in ("witness", "discriminator", "critic") if getattr(asked, name)
        )
        raise UsageError(f"{without[0]}: a profile without rows, which --{named} needs; {_REMEDY}")


def independent(p: Profiled, q: Profiled, configuration: Configuration) -> Finding | None:
    """Return that rows of tables are taken as independent, where nobody says so."""
    without = next((side.whole for side in (p, q) if side.drawn is None), None)
    if without is None or configuration.settings.block == INDEPENDENT:
        return None
    if without.pairs and without.pairs.parts > 1:
        return None
    if without.kept is None and not times_of(without.schema):
        return None
    return said(
        f"{without.source} keeps tables of pairs and no rows, so that rows are taken as"
        " independent; `drift profile` with --keep-rows N makes it again, and tells its days apart"
    )

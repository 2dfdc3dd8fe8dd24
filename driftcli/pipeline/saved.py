"""A profile that was made before, in the place of data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from driftcli.engine import GroupBy
from driftcli.errors import UsageError
from driftcli.pipeline.folders import with_days
from driftcli.pipeline.selection import Choice, Kinds, chosen
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.profile.kept import KeptBlocks
from driftcli.profile.kinds import kind_of

if TYPE_CHECKING:
    from driftcli.pipeline.inputs import Reading


class Saved(Struct, frozen=True):
    """A profile that was made before."""

    saved: DatasetProfile

    size: ClassVar[int | None] = 0

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns."""
        return list(self.saved.types)

    @property
    def left_out(self) -> Sequence[str]:
        """The columns that were left out when it was made."""
        return self.saved.left_out

    @property
    def kept(self) -> KeptBlocks | None:
        """The blocks of its rows, if it has any."""
        return self.saved.kept

    @property
    def held(self) -> Kinds:
        """The kinds that columns were forced to have."""
        types = types_of(self.saved)
        return {
            name: column.kind
            for name, column in self.saved.columns.items()
            if name in types and column.kind != kind_of(types[name])
        }

    def profile(
        self,
        choice: Choice,
        reading: Reading,
        like: DatasetProfile | None = None,  # noqa: ARG002 - as of data
        groups: GroupBy | None = None,
    ) -> Profiled:
        """Return the profile without the columns that are not to be read.

        Raises
        ------
        UsageError
            When it was made otherwise than is asked for.
        """
        saved, kinds = self.saved, choice.forced(self.names)
        if groups:
            lacks = "has no rows"
            if saved.rows_kept:
                lacks = f"keeps {saved.rows_kept.rows.num_rows:,} of its rows, and not all"
            raise UsageError(
                f"{saved.source}: a profile {lacks} to tell apart by {groups.called}; give data"
            )
        wanted = "--keep-rows" if reading.keep_rows else reading.rows_for
        if wanted and saved.rows_kept is None and (reading.keep_rows or saved.pairs is None):
            lacking = "" if reading.keep_rows else ", nor tables of pairs"
            raise UsageError(
                f"{saved.source}: a profile has no rows{lacking}, which {wanted} needs; give data,"
                " or make it with drift profile --keep-rows N"
            )
        if reading.sample and not reading.rows_for:
            raise UsageError(
                f"{saved.source}: a profile has no rows to draw a sample of; leave --sample out, or"
                " draw it from the data"
            )
        for name, kind in kinds.items():
            if kind is not None:
                self._check_kind(name, kind)
        # Rows that differ in what is now left out may agree in the rest.
        narrower = any(kind is None for kind in kinds.values())
        whole = chosen(replace(saved, repeated=None) if narrower else saved, kinds)
        if whole.rows_kept and reading.keep_rows:
            whole = replace(whole, rows_kept=whole.rows_kept.smallest(reading.keep_rows))
        if saved.rows_kept is None or not (reading.rows_for or reading.drawn_for):
            return Profiled(whole)
        # A column that tells rows apart need not be compared.
        kept = saved.rows_kept.smallest(reading.sample or saved.rows_kept.most)
        return Profiled(whole, drawn=with_days(kept.rows, saved.path_keys), keys=kept.keys)

    def _check_kind(self, name: str, kind: str) -> None:
        saved, held = self.saved, self.saved.columns.get(name)
        if held is not None and (held.kind == kind or held.type == "null"):
            return
        was = held.kind if held else f"{saved.types[name]}, which is not compared"
        raise UsageError(
            f"{saved.source}: column {name!r} was profiled as {was}, and its kind is set to be "
            f"{kind}; profile the data again with this setting"
        )


def types_of(profile: DatasetProfile) -> dict[str, pa.DataType]:
    """Return the Arrow types by which a text file is read as a profile's data was."""
    return {field.name: field.type for field in profile.schema or ()}


def new_names(
    names: Iterable[str], rename: Mapping[str, str], usual: Mapping[str, str]
) -> dict[str, str]:
    """Return the new names of columns: the usual ones of those there are, and those given."""
    return {**{old: usual[old] for old in names if old in usual}, **rename}


def renamed(
    saved: DatasetProfile, given: Mapping[str, str], usual: Mapping[str, str]
) -> DatasetProfile:
    """Return a profile whose columns go by other names, those that are given or the usual ones.

    Raises
    ------
    UsageError
        When what is given names what is not there.
    """
    rename = new_names(saved.types, given, usual)
    if not rename:
        return saved
    from driftcli.source.renamed import check_names

    check_names(saved.types, rename, saved.source)
    return replace(
        saved,
        columns={rename.get(name, name): column for name, column in saved.columns.items()},
        types={rename.get(name, name): type_ for name, type_ in saved.types.items()},
        partial={rename.get(name, name): found for name, found in saved.partial.items()},
        path_keys={rename.get(name, name): named for name, named in saved.path_keys.items()},
        left_out=[rename.get(name, name) for name in saved.left_out],
        schema=pa.schema([(rename.get(f.name, f.name), f.type) for f in saved.schema]),
        written={rename.get(name, name): each for name, each in saved.written.items()},
        kept=saved.kept and saved.kept.renamed(rename),
        rows_kept=saved.rows_kept and saved.rows_kept.renamed(rename),
        pairs=saved.pairs and saved.pairs.renamed(rename),
    )

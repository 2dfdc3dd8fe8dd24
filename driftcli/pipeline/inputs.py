"""What the user named, data or a saved profile, as a profile: the one seam between the two."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from driftcli.arrays import UnreadType
from driftcli.config import REPEATED, Configuration, Levels, Settings
from driftcli.engine import Engine, GroupBy, Progress, RowSample, Threads, helped, profile
from driftcli.engine.repeats import check_repeatable, repeated_rows
from driftcli.errors import UsageError
from driftcli.pipeline.folders import named_in, telling, with_days, with_named
from driftcli.pipeline.saved import Saved, new_names, renamed, types_of
from driftcli.pipeline.selection import Choice, Kinds
from driftcli.profile.dataset import DatasetProfile, Written
from driftcli.profile.groups import Profiled
from driftcli.profile.kept import KeptBlocks
from driftcli.profile.kept_rows import KeptRows
from driftcli.profile.kinds import type_name
from driftcli.profile.saved import KEY, SUFFIX, decoded
from driftcli.source import Source
from driftcli.source.dressed import DressedSource
from driftcli.source.files import File
from driftcli.source.locating import locate
from driftcli.source.looks import decoded as decoded_look
from driftcli.source.looks import encoded
from driftcli.source.looks import kind_of as kind_of_look
from driftcli.source.number_looks import NumberLook
from driftcli.source.opening import opened
from driftcli.source.piped import is_piped
from driftcli.source.recognising import Like, dressed, read_like
from driftcli.source.remote import is_address, without_query

if TYPE_CHECKING:
    from driftcli.source.where import Where

#: The sides of a comparison.
Side = Literal["baseline", "current"]
#: Rows that are drawn from each side: days differ by more than so many rows do by chance.
DRAWN_ROWS = 50_000
#: So many times as many are drawn where each of some groups of them is to be judged.
_MORE_IN_GROUPS = 4

_READ_AS = {"numeric": pa.float64(), "categorical": pa.string(), "timestamp": pa.timestamp("ns")}


class Reading(Struct, frozen=True):
    """How data is read.

    Attributes
    ----------
    sample, seed : int
        How many rows to draw, where not all are profiled, and the seed of the draw.
    threads : int or None
        Threads to use; as many as there are processors when None.
    engine : Engine or None
        Where data is read; on threads of this process when None.
    progress : Progress or None
        Is told how it goes.
    repeated : bool
        Whether to count the rows that repeat an earlier one, for which data is read twice.
    rows_for : str or None
        What needs rows themselves, so that no saved profile will do.
    drawn : bool
        Whether rows are drawn beside the profiles of all, whatever they are for.
    keep_rows : int or None
        How many of the rows drawn the profile is to keep.
    drawn_for : callable or None
        Takes the schema of a dataset and returns the columns for which rows are drawn beside the
        profiles of all: these are read even where they are not compared.
    footers : bool
        Whether nothing is read but what data say of themselves.
    """

    sample: int | None = None
    seed: int = 0
    threads: int | None = None
    progress: Progress | None = None
    engine: Engine | None = None
    repeated: bool = False
    rows_for: str | None = None
    drawn: bool = False
    keep_rows: int | None = None
    drawn_for: Callable[[Any], Collection[str]] | None = None
    footers: bool = False

    @property
    def comparing(self) -> int | None:
        """Threads to compare columns with: beside a cluster one, which holds few at a time."""
        return self.threads or (1 if self.engine and self.engine.elsewhere else None)

    def counting(self, settings: Settings) -> Reading:
        """Return the same, with rows that repeat an earlier one counted where settings ask it."""
        asked = settings.thresholds.get(REPEATED, Levels()) != Levels()
        return replace(self, repeated=asked)

    def telling(self, blocks: Iterable[KeptBlocks | None]) -> Reading:
        """Return the same, with rows drawn, if they are, with what tells kept blocks apart, too."""
        drawn_for = self.drawn_for
        columns = {each.column for each in blocks if each and each.column}
        if drawn_for is None or not columns:
            return self

        def with_columns(schema: Any) -> Collection[str]:
            return {*drawn_for(schema), *columns.intersection(schema.names)}

        return replace(self, drawn_for=with_columns)


def is_path(data: Any) -> bool:
    """Return whether data is named rather than given."""
    return isinstance(data, str | os.PathLike)


def is_stream(data: Any) -> bool:
    """Return whether data may be read as it is opened: a connection that runs one query at a time.

    Such data is opened only when its turn comes, since it may hold what other data needs.
    """
    return not is_path(data) and not isinstance(data, DatasetProfile)


def open_input(
    data: Any,
    configuration: Configuration,
    side: Side | None = None,
    rename: Mapping[str, str] | None = None,
    engine: Engine | None = None,
) -> Input:
    """Open what the user named: a file that holds a profile is loaded, other data is opened.

    Columns go by the names that `rename` gives them, and those of the settings where they are
    there, but for the baseline's. Of data, rows are left out that the settings' filters do.

    Parameters
    ----------
    engine
        Where it is to be read.

    Raises
    ------
    InputError
        When it cannot be read.
    UsageError
        When `rename` names what is not there, or a filter is none; or where the engine should not
        be sent what the data take.
    """
    settings = configuration.settings
    rename, usual = rename or {}, {} if side == "baseline" else settings.rename
    if (saved := saved_of(data)) is not None:
        return Saved(renamed(saved, rename, usual))
    where = where_of(configuration, side)
    called = {**usual, **rename}
    stored = where and replace(where, renamed=called)
    source, left = opened(data, settings.read, stored, configuration.connections)
    if files := _profiles(source):
        return Saved(renamed(_decoded(files), rename, usual))
    if engine is not None and engine.elsewhere:
        from driftcli.pipeline.elsewhere import cut_there

        source = cut_there(source, engine)
    if new := new_names(source.schema.names, rename, usual):
        from driftcli.source.renamed import RenamedSource, check_names

        check_names(source.schema.names, new, source.name)
        source = RenamedSource(source, new)
    if left is not None:
        from driftcli.source.filtered import filtered

        source = filtered(source, left, settings.read.decimal)
    return Data(
        dressed(source, settings.read), where.text if where else None, local=_is_local(data)
    )


def where_of(configuration: Configuration, side: Side | None) -> Where | None:
    """Return the filter of a side's rows, or of data that is no side."""
    keys = ("where",) if side is None else ("where", f"where_{side}")
    given = [(configuration.place((key,)), getattr(configuration.settings, key)) for key in keys]
    texts = [(place, text) for place, text in given if text is not None]
    if not texts:
        return None
    from driftcli.source.where import parsed

    return parsed(texts)


def saved_of(data: Any) -> DatasetProfile | None:
    """Return the profile that data is, or that is in the file that its name says is one."""
    if isinstance(data, DatasetProfile):
        return data
    if isinstance(data, File):
        return _decoded([data])
    name = os.fsdecode(os.fspath(data)) if is_path(data) else ""
    return _decoded(locate(name)) if names_profile(name) else None


def names_profile(name: str) -> bool:
    """Tell whether a path or an address is that of one saved profile by its suffix."""
    return without_query(name)[0].endswith(SUFFIX)


def _profiles(source: Source) -> list[File]:
    """Return the files of a source that are profiles: a profile is no data."""
    if source.format != "parquet":
        return []
    from driftcli.source.typed import TypedSource

    return source.files_with(KEY) if isinstance(source, TypedSource) else []


def _decoded(files: Sequence[File]) -> DatasetProfile:
    first, *others = files
    if others:
        raise UsageError(
            f"{first.shown} and {len(others)} more: several profiles; "
            "`drift merge` makes one of them"
        )
    return decoded(first.read(), first.shown)


def _is_local(data: Any) -> bool:
    name = os.fsdecode(os.fspath(data)) if is_path(data) else "-"
    return not is_address(name) and not is_piped(name)


class Data(Struct, frozen=True):
    """Data, which is read when its profile is asked for.

    Where it is `local`, other processes of this machine can read it by its name.
    """

    source: DressedSource
    where: str | None = None
    local: bool = False

    left_out: ClassVar[Sequence[str]] = ()
    held: ClassVar[Kinds] = {}
    kept: ClassVar[KeptBlocks | None] = None

    @property
    def names(self) -> Sequence[str]:
        """The names of the columns; more keys of JSON Lines may come up while reading."""
        names: Sequence[str] = self.source.schema.names
        return names

    @property
    def size(self) -> int | None:
        """The bytes that are to be read, when they are known."""
        return self.source.size

    def profile(
        self,
        choice: Choice,
        reading: Reading,
        like: DatasetProfile | None = None,
        groups: GroupBy | None = None,
    ) -> Profiled:
        """Read the data and return its profile, and those of groups of its rows if asked for.

        Parameters
        ----------
        like
            The baseline, as whose columns these are read.

        Raises
        ------
        InputError
            When the data cannot be read.
        UsageError
            When rows cannot be told apart as asked.
        """
        kinds = choice.beside_held([*(like.types if like else ()), *self.names])
        source = self._read_as(kinds, like, choice.selection.by)
        if reading.repeated:
            check_repeatable(source)
        needed = self._drawn(source, reading)
        read = {name: kind for name, kind in kinds.items() if kind or name not in needed}
        engine = reading.engine or Threads(reading.threads)
        if self.local and groups is None:
            engine = helped(engine, source)
        if source.format == "spark":
            from driftcli.pipeline.elsewhere import spark_of

            engine = spark_of(engine)
        made = profile(
            source,
            read,
            groups,
            sample=_sample(
                reading,
                drawn=reading.drawn or bool(needed),
                grouped=groups is not None,
                name=source.name,
            ),
            engine=engine,
            progress=reading.progress,
        )
        repeated = repeated_rows(source, kinds, engine) if reading.repeated else None
        written = _written(source, like)
        whole = replace(
            made.whole,
            repeated=repeated,
            schema=source.schema,
            written=written,
            where=self.where,
            rows_kept=_kept_rows(made, reading.keep_rows),
            path_keys={**source.path_keys, **dict.fromkeys(self._named, True)},
        )
        if made.drawn is None:
            return replace(made, whole=whole)
        drawn = with_days(with_named(made.drawn, self._named), whole.path_keys)
        return replace(made, whole=whole, drawn=drawn)

    @property
    def _named(self) -> Mapping[str, str]:
        return named_in(self.source.name, self.names)

    def _drawn(self, source: DressedSource, reading: Reading) -> Collection[str]:
        """Return the columns for which rows are drawn: folders may say which day these are of."""
        if reading.drawn_for is None:
            return ()
        keys = [*source.path_keys, *self._named]
        return [*reading.drawn_for(telling(source.schema, keys)), *keys]

    def _read_as(
        self, kinds: Kinds, like: DatasetProfile | None, as_stored: Iterable[str]
    ) -> DressedSource:
        """Have data read as a baseline was, and as forced kinds; types of their own are kept."""
        source = self.source
        types = types_of(like) if like else {}
        types |= {name: _READ_AS[kind] for name, kind in kinds.items() if kind}
        types |= dict.fromkeys(set(as_stored) & set(source.looks), pa.string())
        if not types:
            return source
        written = like.written if like else {}
        looks = {name: look for name, each in written.items() if (look := decoded_look(each.look))}
        return read_like(source, Like(types, looks, typed=bool(like and like.typed)))


def _written(source: DressedSource, like: DatasetProfile | None) -> dict[str, Written]:
    """Return how the texts of columns are written that were read by a look, or could have been."""
    passed_over = source.passed_over if like and like.made_of else {}
    columns = [(n, look, True) for n, look in source.looks.items()]
    columns += [(n, look, False) for n, look in passed_over.items()]
    return {
        name: Written(
            kind=kind_of_look(look),
            example=look.example,
            look=encoded(look),
            stored=type_name(source.inner.schema.field(name).type),
            unit=look.unit if isinstance(look, NumberLook) else "",
            read=read,
        )
        for name, look, read in columns
    }


def _kept_rows(made: Profiled, most: int | None) -> KeptRows | None:
    if most is None or made.drawn is None:
        return None
    told = [each.name for each in made.drawn.schema if not isinstance(each.type, UnreadType)]
    return KeptRows(made.drawn.select(told).combine_chunks(), made.keys, most).smallest(most)


def _sample(reading: Reading, *, drawn: bool, grouped: bool, name: str) -> RowSample | None:
    if reading.sample:
        return RowSample(reading.sample, reading.seed)
    most = DRAWN_ROWS * (_MORE_IN_GROUPS if grouped else 1)
    if reading.keep_rows:
        # Rows of parts that are to be merged must not draw the same keys.
        seed = zlib.crc32(name.encode("utf-8", "surrogatepass")) ^ reading.seed
        return RowSample(max(most, reading.keep_rows), seed, beside=True)
    return RowSample(most, beside=True) if drawn else None


#: What the user named, once it is open.
Input = Data | Saved

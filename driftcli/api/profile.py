"""Profiles for Python: made of data, saved, loaded, merged, and compared in the data's place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftcli.api.options import check_at_least, configured, name_of, public, selected
from driftcli.errors import InputError, UsageError

if TYPE_CHECKING:
    from driftcli.profile.dataset import DatasetProfile
    from driftcli.report.summary import ProfileSummary


class Profile:
    """A summary of a dataset that `compare` takes in its place.

    `Profile.of` makes one of data; `Profile.load` reads a file that `save` or `drift profile`
    wrote.

    Examples
    --------
    >>> import pyarrow as pa
    >>> profile = Profile.of(pa.table({"x": range(50), "y": ["a", "b"] * 25}))
    >>> profile
    <Profile of data: 50 rows, 2 columns>
    >>> profile.summary().columns[0].stats.max
    49
    """

    def __init__(self, held: DatasetProfile) -> None:
        self._held = held

    @classmethod
    @public
    def of(  # noqa: PLR0913 - one keyword for each thing a profile can be told
        cls,
        data: Any,
        *,
        config: str | Path | None = None,
        columns: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        rename: Mapping[str, str] | None = None,
        where: str | None = None,
        read: Mapping[str, object] | None = None,
        sample: int | None = None,
        seed: int = 0,
        block: str | None = None,
        keep_rows: int | None = None,
        threads: int | None = None,
        engine: Any = None,
    ) -> Profile:
        """Return the profile of a dataset.

        Parameters
        ----------
        data
            What `compare` takes.
        config
            A drift.toml to read. Of its settings, those count that say how columns are read.
        columns, exclude
            Globs over column names: the only ones to keep, and ones to leave out.
        rename
            Old names of columns to new ones.
        where
            Only rows that meet this condition, as for `compare`.
        read
            How text files are read, by key of `[read]`: {"delimiter": ";", "skip": 2}.
        sample, seed
            Describe a uniform sample of this many rows, drawn with this seed.
        block
            Which rows move together, as for `compare`; "none" keeps no blocks. Where it is not
            given, days are kept where one column says which.
        keep_rows
            Keep a uniform sample of this many rows in the profile, as they are.
        threads
            Threads to use; as many as there are processors when None.
        engine
            Where to read, as for `compare`.

        Raises
        ------
        DriftError
            When the data cannot be read or a setting cannot be used; the text is one line.
        """
        from driftcli.pipeline.elsewhere import engine_for
        from driftcli.pipeline.inputs import Reading
        from driftcli.pipeline.profiling import kept

        check_at_least(1, sample=sample, keep_rows=keep_rows, threads=threads)
        check_at_least(0, seed=seed)
        selection = selected(columns, exclude, rename)
        configuration = configured(
            config, read=read, where=where, block=block, engine=name_of(engine)
        )
        held = unwrapped(data)
        with engine_for(configuration, (held,), threads, engine) as used:
            reading = Reading(sample, seed, threads, engine=used, keep_rows=keep_rows)
            return cls(kept(held, configuration, selection, reading)[0])

    @classmethod
    @public
    def load(cls, path: str | Path) -> Profile:
        """Return the profile in a file.

        Raises
        ------
        InputError
            When the file holds none, one of a newer format, or one that is damaged.
        """
        from driftcli.pipeline.inputs import Data, open_input

        opened = open_input(path, configured())
        if isinstance(opened, Data):
            raise InputError(
                f"{opened.source.name}: data and no profile; Profile.of makes one of it"
            )
        return cls(opened.saved)

    @classmethod
    @public
    def merged(cls, *parts: Any) -> Profile:
        """Return the profile of the rows of several profiles (or datasets) of the same columns.

        Raises
        ------
        DriftError
            When one cannot be read, or they do not go together.
        """
        from driftcli.pipeline.inputs import Reading
        from driftcli.pipeline.profiling import merged
        from driftcli.pipeline.selection import Selection

        if not parts:
            raise UsageError("nothing to merge: give at least one profile")
        some = [unwrapped(part) for part in parts]
        return cls(merged(some, configured(), Selection(), Reading()))

    @property
    def source(self) -> str:
        """The file of the profile, or the data that it was made of."""
        return self._held.source

    @property
    def rows(self) -> int:
        """Rows of the dataset."""
        return self._held.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._held.types)

    @public
    def save(
        self, path: str | os.PathLike[str], *, points: int | None = None, redact: bool = False
    ) -> None:
        """Write the profile to a file or an object of a store, whole or not at all.

        Parameters
        ----------
        path
            The file, or an address such as s3://bucket/key; `.profile` is the usual suffix.
        points
            Points of a numeric column, at most, at least 64; 4,096 when None.
        redact
            Leave out names of categories and values that fewer than 10 rows share. Hashes stand for
            the names, salted with the environment variable DRIFT_SALT where that is set.

        Raises
        ------
        UsageError
            When the file cannot be written, or `points` are too few.
        """
        from driftcli.pipeline.comparing import salt
        from driftcli.profile.saved import FEWEST_POINTS, POINTS, file_of
        from driftcli.writing import write_to

        points = POINTS if points is None else points
        if points < FEWEST_POINTS:
            raise UsageError(f"points={points}: must be at least {FEWEST_POINTS}")
        if redact and self._held.rows_kept is not None:
            raise UsageError("redact=True: the profile keeps rows as they are; make it without")
        write_to(path, file_of(self._held, points, salt=salt() if redact else None))

    def summary(self) -> ProfileSummary:
        """Return what the profile holds, column by column: what `drift show` prints."""
        from driftcli.comparison.summary import summary

        return summary(self._held)

    def __repr__(self) -> str:
        """Return the source and the size."""
        return f"<Profile of {self.source}: {self.rows:,} rows, {len(self.columns):,} columns>"


def unwrapped(data: Any) -> Any:
    """Return what the pipeline takes: the record within a `Profile`, other data as it is."""
    return data._held if isinstance(data, Profile) else data  # noqa: SLF001 - of this module's class

"""The reports of a check as files: one of its columns, and one of its pairs beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from driftcli.checks.planned import PlannedCheck, of_pairs
from driftcli.errors import DriftError, UsageError
from driftcli.render import DETAILED, SUFFIXES, Look, render
from driftcli.report.comparison import Report
from driftcli.report.joint import Joint
from driftcli.writing import is_same, unwritable, write_whole


def wants_details(planned: PlannedCheck) -> bool:
    """Return whether a report that is to be written shows the details of columns."""
    return any(_form(path) in DETAILED for path in planned.reports)


def written_of(
    documents: Sequence[Report | Joint], planned: PlannedCheck
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write reports to the files of the check; return those written, and what went wrong."""
    written, problems = [], []
    for name in planned.reports:
        for document in documents:
            path = of_pairs(name) if isinstance(document, Joint) else name
            try:
                _write(document, Path(path), planned)
            except DriftError as error:
                problems.append(str(error))
            else:
                written.append(path)
    return tuple(written), tuple(problems)


def _write(document: Report | Joint, path: Path, planned: PlannedCheck) -> None:
    if any(is_same(path, name) for name in (planned.baseline_text, planned.current)):
        place = planned.configuration.place(("reports",))
        raise UsageError(f"{place}: {str(path)!r} is the data; name another file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    write_whole(path, render(document, _form(path), Look(check=planned.check)))


def _form(path: str | Path) -> str:
    return SUFFIXES[PurePath(path).suffix.lower()]

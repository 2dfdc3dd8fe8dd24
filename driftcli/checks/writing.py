"""The reports of a check as files: one of its columns, and one of its pairs beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from driftcli.checks.planned import PlannedCheck, of_pairs
from driftcli.errors import DriftError, UsageError
from driftcli.render import DETAILED, SUFFIXES, Look, render
from driftcli.report.comparison import Report
from driftcli.report.joint import Joint
from driftcli.source.remote import is_address
from driftcli.text import named
from driftcli.writing import is_same, unwritable, without_query, write_to


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
                _write(document, path, planned)
            except DriftError as error:
                problems.append(str(error))
            else:
                written.append(path)
    return tuple(written), tuple(problems)


def _write(document: Report | Joint, path: str, planned: PlannedCheck) -> None:
    if any(_is_of(path, name) for name in (planned.baseline_text, planned.current)):
        place = planned.configuration.place(("reports",))
        raise UsageError(f"{place}: {named(path)!r} is the data; name another file")
    if not is_address(path):
        _make_folder(Path(path))
    write_to(path, render(document, _form(path), Look(check=planned.check)))


def _is_of(path: str, name: str) -> bool:
    return named(path) == named(name) if is_address(path) else is_same(Path(path), name)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def _form(path: str) -> str:
    return SUFFIXES[PurePath(without_query(path)[0]).suffix.lower()]

"""Who is told of a check, when and what: through Apprise, on a change of state.

A message that fails is told on stderr and tried again at the next run. It changes no verdict.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from driftcli.config import NotifyOn, masked
from driftcli.errors import HistoryError, missing_package
from driftcli.render import joint_words
from driftcli.render.escape import plain, short_name
from driftcli.render.words import is_grave, message, reasons
from driftcli.report.columns import Column
from driftcli.report.comparison import Report
from driftcli.report.joint import ColumnPair
from driftcli.report.run import CheckReport

if TYPE_CHECKING:
    from driftcli.history.records import Notice
    from driftcli.history.store import History

State = Literal["ok", "drift", "error"]

_TITLES: dict[State, str] = {
    "ok": "is ok",
    "drift": "drifted",
    "error": "could not be checked",
}
#: What Apprise calls each, for colours and icons.
_TYPES: dict[State, str] = {"ok": "success", "drift": "warning", "error": "failure"}
#: Columns and findings that a message names.
_MOST = 10
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_STATUS = re.compile(r"error=(\d{3})\b")
_ERRNO = re.compile(r"\[Errno (\d+)\]")
#: What a log says of why nothing came through, and what we make of it: no word of it is repeated.
_SIGNS = {
    "certificate verify failed": "its certificate is not trusted",
    "failed to resolve": "its host is not known",
    "name or service not known": "its host is not known",
    "timed out": "it did not answer in time",
    "timeout": "it did not answer in time",
    "authentication": "it does not take the credentials",
    "connection error": "no connection",
}


class UndeliveredError(Exception):
    """A message was not delivered; the text says why, and holds no secret."""


def tell(
    result: CheckReport,
    addresses: tuple[str, ...],
    when: NotifyOn,
    history: History | None,
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """Tell each address of a result, if that is due, and return what went wrong, in sentences.

    Without a history, or with one that fails, it is not known what was told before: then all that
    is not ok is told.
    """
    state = state_of(result)
    problems = []
    for address in addresses:
        target = hashlib.sha256(address.encode()).hexdigest()[:16]
        before = _before(history, result.check, target)
        undelivered = before is not None and before.attempts > 0
        told = before.state if before else None
        if not undelivered and not is_due(when, state, told):
            continue
        error = None
        try:
            title, body = text_of(result, state, told, undelivered=undelivered)
            _send(_expanded(address, environ), title, body, _TYPES[state])
        except UndeliveredError as undone:
            error = str(undone)
            problems.append(f"{result.check}: {masked(address)} was not told: {error}")
        try:
            if history:
                history.notified(result.check, target, state, error)
        except HistoryError as lost:
            problems.append(f"{result.check}: notifications: {lost}")
    return problems


def _before(history: History | None, check: str, target: str) -> Notice | None:
    """Return what an address was told, None where nobody knows."""
    try:
        return history.notice(check, target) if history else None
    except HistoryError:
        return None


def state_of(result: CheckReport) -> State:
    """Return what messages make of an exit code: those that only warn are ok."""
    return "ok" if not result.exit_code else "drift" if result.exit_code == 1 else "error"


def is_due(when: NotifyOn, state: State, told: str | None) -> bool:
    """Return whether a state is to be told, after one that was told before (None: none was)."""
    changed = state != (told or "ok")
    return {"change": changed, "failure": changed or state != "ok", "always": True}[when]


def text_of(
    result: CheckReport, state: State, told: str | None = None, *, undelivered: bool = False
) -> tuple[str, str]:
    """Return the title and the body of a message, in plain text.

    Parameters
    ----------
    told
        The state that was told before.
    undelivered
        Whether a message since then could not be delivered.
    """
    again = " again" if state == "ok" and told not in (None, "ok") else ""
    title = f"drift: {result.check} {_TITLES[state]}{again}"
    return title, "\n".join(_lines(result, undelivered=undelivered))


def _lines(result: CheckReport, *, undelivered: bool) -> Iterator[str]:
    since = f", since {result.since} ({result.runs} runs)" if (result.runs or 0) > 1 else ""
    yield f"{result.check} on {result.day}: {result.outcome}{since}"
    if result.error:
        yield plain(result.error)
    failing = [plain(line) for line in _failing(result)]
    yield from failing[:_MOST]
    if len(failing) > _MOST:
        yield f"… and {len(failing) - _MOST} more"
    yield plain(f"baseline {result.baseline}, current {result.current}")
    if undelivered:
        yield "An earlier message could not be delivered."


def _failing(result: CheckReport) -> Iterator[str]:
    if result.report is None or not result.exit_code:
        return
    yield from _failing_columns(result.report, result.day)
    for pair in joint_words.drifted(result.joint) if result.joint else ():
        yield f"{joint_words.name(pair)}{_since(pair, result.day)}: {pair.reason or 'drifted'}"


def _failing_columns(report: Report, day: str) -> Iterator[str]:
    for finding in report.findings:
        if is_grave(finding):
            yield message(finding)
    for column in report.columns:
        if column.status == "drift" and column.waiver is None:
            yield f"{short_name(column.name)}{_since(column, day)}: {reasons(column) or 'drifted'}"


def _since(each: Column | ColumnPair, day: str) -> str:
    return f" (since {each.since})" if each.since not in (None, day) else ""


def _expanded(address: str, environ: Mapping[str, str]) -> str:
    """Return an address with environment variables in the place of `${NAME}`."""

    def value(found: re.Match[str]) -> str:
        held = environ.get(found[1])
        if not held:
            raise UndeliveredError(f"the environment variable {found[1]} is not set")
        return held

    return _VARIABLE.sub(value, address)


def _send(address: str, title: str, body: str, kind: str) -> None:
    """Send a message; what Apprise logs may hold secrets, and only a status is taken of it."""
    try:
        import apprise
    except ModuleNotFoundError:
        raise UndeliveredError(missing_package("apprise")) from None
    sender = apprise.Apprise()
    logged = _Logged()
    try:
        with logged:
            known = sender.add(address)
            sent = known and sender.notify(
                title=title, body=body, body_format="text", notify_type=kind
            )
    except Exception as error:  # noqa: BLE001 - of any of a hundred services
        raise UndeliveredError(type(error).__name__) from None
    if not known:
        raise UndeliveredError("Apprise knows no such address, or parts of it are missing")
    if not sent:
        why = f" ({logged.why})" if logged.why else ""
        raise UndeliveredError(f"it was not delivered{why}")


class _Logged(logging.Handler):
    """Takes what Apprise logs, instead of stderr, and keeps why nothing was delivered."""

    why: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.why = _why(record.getMessage()) or self.why

    def __enter__(self) -> None:
        logger = logging.getLogger("apprise")
        self._before = logger.propagate, logger.level
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger("apprise")
        logger.removeHandler(self)
        logger.propagate = self._before[0]
        logger.setLevel(self._before[1])


def _why(logged: str) -> str | None:
    """Return the reason that a line of a log gives, in our words: the line may hold secrets."""
    if "Payload" in logged:  # what we said ourselves
        return None
    if status := _STATUS.search(logged):
        return f"status {status[1]}"
    if number := _ERRNO.search(logged):
        return os.strerror(int(number[1])).lower()
    lowered = logged.lower()
    return next((why for sign, why in _SIGNS.items() if sign in lowered), None)

"""Pages to test: reports with all that a page can show, and ways to look into a page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
from msgspec import structs
from render_reports import FINDINGS, HOSTILE, HOSTILE_REPORT, PASSED, RICH, SURROGATE

from driftcli.api.compare import compare
from driftcli.comparison.waivers import waived
from driftcli.report.columns import SEVERITY, Waiver
from driftcli.report.comparison import Report

SETTINGS = {"ignore": "drift.toml", "thresholds.js_distance": "drift.toml"}
#: What a page must not obey, whatever it stands in.
ATTACKS = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</style><b>",
    "\" onload='alert(1)'",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "--><!--",
    "&lt;b&gt;",
    HOSTILE,
    SURROGATE,
)


def _tables() -> tuple[pa.Table, pa.Table]:
    steps = np.arange(600)
    moments = steps * 7 % 600  # in another order, so that days are as others
    first = datetime.fromisoformat("2024-01-01T06:00")
    sides = []
    for later in (0, 1):
        names = np.where(steps % (5 - 2 * later) == 0, "B & Co", "A <ltd>")
        sides.append(
            pa.table(
                {
                    "delay": np.round(np.sqrt(steps) * (1 + later) - 8.0, 1),
                    "price": np.round(np.exp(steps / 70.0) * (1 + later / 2), 2),
                    "carrier": np.where(steps % 9 == 0, f"only in {later}", names),
                    "stable": steps % 11,
                    "seen": [first + timedelta(hours=int(at) * 3 + later * 2000) for at in moments],
                }
            )
        )
    return sides[0], sides[1]


def small() -> Report:
    """A real report of five columns with details; one is waived, and one drifts since a day."""
    waiver = Waiver(until="2026-01-31", why="new <price> list", by="ana")
    report = waived(compare(*_tables(), details=True), {"price": waiver})
    columns = tuple(
        structs.replace(each, since="2025-03-02") if each.name == "delay" else each
        for each in report.columns
    )
    settings = {name: report.settings[name] for name in ("alpha", "fail_on")}
    return structs.replace(
        report, version="0.1.0", columns=columns, findings=FINDINGS, settings=settings
    )


def attacked(text: str) -> Report:
    """A real report of columns with a hostile name and hostile categories."""
    safe = text.encode(errors="backslashreplace").decode()
    sides = [pa.table({"a": [safe + end, "b"] * 50, "x": range(100)}) for end in ("", "!")]
    report = compare(*sides, details=True)
    waiver = Waiver(until=text, why=text, by=text)
    at = next(n for n, column in enumerate(report.columns) if column.name == "a")
    first = structs.replace(report.columns[at], name=text, waiver=waiver, since=text, notes=(text,))
    return structs.replace(
        report,
        columns=(first, report.columns[1 - at]),
        baseline=structs.replace(report.baseline, source=text),
        settings={"columns": [text]},
    )


def repeated(report: Report, times: int) -> Report:
    """A report that has each column so many times, under long names, the worst first."""
    columns = [
        structs.replace(column, name=f"{column.name}_of_a_rather_long_name_{at:02}")
        for column in sorted(report.columns, key=lambda each: -SEVERITY[each.status])
        for at in range(times)
    ]
    return structs.replace(report, columns=tuple(columns))


def crowded() -> Report:
    """A report whose table has all that one can: more metrics, dates, much to say."""
    metrics = ["js_distance", "wasserstein", "kl", "wasserstein_raw", "share_ratio"]
    found = compare(*_tables(), metrics=metrics, details=True)
    said = tuple(f"category 'of_kind_{at}' 12.5 % → 25.1 %" for at in range(12))
    columns = tuple(
        structs.replace(
            each,
            name=f"{each.name}_repaid_loan_on_prev_car.since_then",
            since="2025-03-02",
            reasons=each.reasons and said,
            baseline=structs.replace(each.baseline, missing=0.1234),
            current=structs.replace(each.current, missing=0.5678),
        )
        for each in found.columns
    )
    return structs.replace(found, columns=columns, ignored=("year", "month"), configured=SETTINGS)


REPORTS = {
    "small": small(),
    "rich": RICH,
    "passed": PASSED,
    "hostile": HOSTILE_REPORT,
}


class Page(HTMLParser):
    """A page as a parser sees it: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._inside.append("/" + tag)

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "wbr":
            self.texts[-1] += data
        elif self._inside and self._inside[-1] not in ("style", "script"):
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """The visible text, with single blanks."""
        return " ".join(" ".join(self.texts).split())


def between(page: str, tag: str) -> list[str]:
    """Return what stands inside the elements of a name."""
    return re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)

"""How a report is shown, apart from what it says."""

from __future__ import annotations

from msgspec import Struct

#: On fewer terminal cells a line of text is no longer legible.
LEAST_WIDTH = 20


class Look(Struct, frozen=True, kw_only=True):
    """Width, colour and completeness of a rendered report.

    `show_all` shows the unchanged columns as well, and all of the rest; `brief` has the table give
    each column one line, of a run each check. `width` is in terminal cells. `ascii_only` is for an
    encoding that has no block characters; the table and JSON heed it, while Markdown and CSV are
    meant for UTF-8. With `timed` it is said how long work took. `check` is what a comparison is
    called where it is one of several.
    """

    show_all: bool = False
    brief: bool = False
    width: int = 100
    color: bool = False
    ascii_only: bool = False
    timed: bool = False
    check: str | None = None

    @property
    def room(self) -> int:
        """The cells a line may take, never fewer than `LEAST_WIDTH`."""
        return max(LEAST_WIDTH, self.width)

    @property
    def ellipsis(self) -> str:
        """What stands for text that is left out."""
        return "..." if self.ascii_only else "…"


DEFAULT_LOOK = Look()

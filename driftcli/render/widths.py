"""How many terminal cells a text takes."""

from functools import lru_cache

#: One cell each, as every terminal draws them.
_OURS = str.maketrans(dict.fromkeys("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉─┴₁✗✓○▲△·→∞≥≤–−±…×‘’“”\N{NO-BREAK SPACE}"))


@lru_cache(maxsize=4096)
def cell_len(text: str) -> int:
    """Return the cells that `text` takes.

    Rich loads its tables of Unicode widths only for text that needs them: they cost as much
    time as everything else in a report.
    """
    if text.isascii() or text.translate(_OURS).isascii():
        return len(text)
    from rich.cells import cell_len as wide_cell_len

    return wide_cell_len(text)

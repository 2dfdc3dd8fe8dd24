"""Text is cut where it is read: no bytes of it go from one process to another."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engines import Elsewhere
from everything import exact

from driftcli.config import ReadSettings
from driftcli.engine import Engine, Threads, profile
from driftcli.errors import InputError
from driftcli.pipeline.elsewhere import cut_there
from driftcli.source import Source, open_source
from driftcli.source.csv_files import UncutCsv
from driftcli.source.recognising import dressed

ROWS = [(row, f'a "{row % 7}"\n b', row / 4) for row in range(4_000)]
LINES = "".join('{},"{}",{}\n'.format(a, b.replace('"', '""'), c) for a, b, c in ROWS)
CSV = "n,text,x\n" + LINES
RECORDS = [json.dumps({"n": a, "text": b, "x": c}) for a, b, c in ROWS]
PLAIN = "n,x\n" + "".join(f"{a},{c}\n" for a, _, c in ROWS)

#: By the name of a file: its bytes, and how it is read.
TEXTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "plain.csv": (CSV.encode(), {}),
    "marked.csv": (b"\xef\xbb\xbf" + CSV.encode(), {}),
    "above.csv": (b"of a shop\n\n" + CSV.encode(), {"skip": 2}),
    "counted.csv": (PLAIN.encode() + b"(4000 rows affected)\n", {}),
    "returns.csv": (PLAIN.replace("\n", "\r\n").encode(), {}),
    "wide.csv": (b"\xff\xfe" + CSV.encode("utf-16-le"), {}),
    "latin.csv": (CSV.replace("a ", "ä ").encode("latin-1"), {"encoding": "latin-1"}),
    "comments.csv": (PLAIN.replace("\n1", "\n# no\n1").encode(), {"comment": "#"}),
    "packed.csv.gz": (gzip.compress(CSV.encode()), {}),
    "lines.jsonl": ("".join(each + "\n" for each in RECORDS).encode(), {}),
    "array.json": (f"[{', '.join(RECORDS)}]".encode(), {}),
}


def stored(path: Path, **how: Any) -> Source:
    return open_source(path, ReadSettings(**how))


def fragments(source: Source) -> list[int]:
    return [len(pickle.dumps(each)) for each in source.fragments(source.schema.names)]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.usefixtures("in_many_pieces")
def test_text_that_is_cut_there_gives_the_same(name: str, tmp_path: Path) -> None:
    data, how = TEXTS[name]
    path = tmp_path / name
    path.write_bytes(data)
    made = []
    for engine in (Threads(1), Elsewhere(2)):
        source = stored(path, **how)
        if engine.elsewhere:
            source = cut_there(source, engine)
            assert max(fragments(source)) < 4_000, "no rows are sent along"
        assert len(fragments(source)) > 2
        held = dressed(source, ReadSettings())
        made.append((exact(profile(held, {}, engine=engine)), held.notes))
        assert made[-1][0] == made[0][0]
    assert made[0] == made[1]


def told(source: Callable[[Engine], Source], engine: Engine) -> str:
    with pytest.raises(InputError) as caught:
        profile(source(engine), {}, engine=engine)
    return str(caught.value)


@pytest.mark.parametrize("broken", [("x,y,z,w\n", 'p,"q'), ('p,"q', ""), ("x,y,z,w\n", "")])
@pytest.mark.usefixtures("in_many_pieces")
def test_errors_are_those_of_text_that_is_cut_here(broken: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(CSV + broken[0] + LINES + broken[1], "utf-8")

    def source(engine: Engine) -> Source:
        return cut_there(stored(path), engine) if engine.elsewhere else stored(path)

    assert told(source, Elsewhere(1)) == told(source, Threads(2))


def test_several_files_are_cut_each_by_itself(tmp_path: Path) -> None:
    for day in range(3):
        (tmp_path / f"{day}.csv").write_text(CSV, "utf-8")
        (tmp_path / f"{day}.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    engine = Elsewhere(1)
    source = cut_there(stored(tmp_path), engine)
    assert engine.units == 6
    assert exact(profile(source, {}, engine=engine)) == exact(profile(stored(tmp_path), {}))


@pytest.mark.usefixtures("in_many_pieces")
def test_what_is_packed_is_unpacked_once_by_who_reads_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    begun: list[None] = []
    records = UncutCsv.records

    def counted(self: UncutCsv) -> Any:
        begun.append(None)
        return records(self)

    monkeypatch.setattr(UncutCsv, "records", counted)
    source = cut_there(stored(path), Elsewhere(1))
    found = list(source.fragments(["n"]))
    assert len(found) > 4
    assert len(begun) == 1, "cut"
    first = [sum(block.batch.num_rows for block in each.blocks()) for each in found]
    assert len(begun) == 2, "and read"
    again = [sum(block.batch.num_rows for block in each.blocks()) for each in found[2:5]]
    assert len(begun) == 3, "and begun anew for what comes before"
    assert (sum(first), again) == (4_000, first[2:5])


@pytest.mark.usefixtures("in_many_pieces")
def test_a_packed_file_that_is_another_by_then_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    source = cut_there(stored(path), Elsewhere(1))
    path.write_bytes(gzip.compress(PLAIN.encode()))
    with pytest.raises(InputError, match=r"a.csv.gz: was changed while it was read. Run the comm"):
        list(next(source.fragments(["n"])).blocks())

"""Arrow data that lies about its offsets and indices is refused before anything follows them."""

import io
import os
import random
import signal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, ipc
from reading import READ

import driftcli
from driftcli.errors import InputError
from driftcli.source import open_source

ROWS = 60
TABLE = pa.table(
    {
        "i": pa.array([i if i % 7 else None for i in range(ROWS)]),
        "s": pa.array([f"text{i % 9}" if i % 5 else None for i in range(ROWS)]),
        "d": pa.array([f"cat{i % 4}" for i in range(ROWS)]).dictionary_encode(),
        "l": pa.array([[1.0] * (i % 4) if i % 6 else None for i in range(ROWS)]),
        "b": pa.array([bytes([i]) * 3 for i in range(ROWS)]),
        "st": pa.array([{"x": i, "y": "q"} for i in range(ROWS)]),
        "m": pa.array([[("k", i)] for i in range(ROWS)], pa.map_(pa.string(), pa.int64())),
    }
)


def stored(form):
    sink = io.BytesIO()
    if form == "feather":
        feather.write_feather(TABLE, sink, compression="lz4")
    else:
        make = ipc.new_file if form == "file" else ipc.new_stream
        with make(sink, TABLE.schema) as writer:
            writer.write_table(TABLE)
    return sink.getvalue()


def mutant(data, seed):
    drawn = random.Random(seed)
    changed = bytearray(data)
    for _ in range(drawn.choice([1, 1, 2, 5, 20])):
        changed[drawn.randrange(8, len(changed))] = drawn.choice([0, 255, 127, 128])
    return bytes(changed)


def read_apart(data, path):
    """Return how a process ends that profiles the data: 0 and 2, and 1 where Arrow refuses it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.alarm(60)
    code = 70
    try:
        if path is None:
            code = 1
            source = ipc.open_stream(pa.BufferReader(data))
            code = 70
        else:
            path.write_bytes(data)
            source = path
        driftcli.Profile.of(source, threads=1)
        code = 0
    except driftcli.DriftError:
        code = 2
    except pa.ArrowException:
        pass
    finally:
        os._exit(code)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a crash would end the tests")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("form", ["file", "stream", "feather", "memory"])
def test_damaged_bytes_never_end_the_process(tmp_path, form):
    data = stored("stream" if form == "memory" else form)
    path = None if form == "memory" else tmp_path / "a.arrow"
    ends = {seed: read_apart(mutant(data, seed), path) for seed in range(25)}
    assert {seed: end for seed, end in ends.items() if end not in (0, 1, 2)} == {}
    assert 2 in ends.values()


def test_offsets_beyond_the_text_are_refused(tmp_path):
    batch = lying_batch()
    path = tmp_path / "a.arrow"
    with ipc.new_file(path, batch.schema) as writer:
        writer.write_batch(batch)
    expected = r"a\.arrow: not a complete Arrow file: column 's': .*out of bounds"
    with pytest.raises(InputError, match=expected):
        driftcli.Profile.of(path)


def test_lies_in_memory_are_refused():
    with pytest.raises(InputError, match=r"data: not valid Arrow data: column 's': "):
        driftcli.Profile.of(pa.Table.from_batches([lying_batch()]))


def lying_batch():
    offsets = pa.py_buffer(pa.array([0, 9999, 4], pa.int32()).buffers()[1])
    text = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abcd")])
    return pa.RecordBatch.from_arrays([text], names=["s"])


def test_dates_in_milliseconds_within_a_day_are_no_damage():
    within = pa.array([86_400_001], pa.int64()).cast(pa.date64(), safe=False)
    ticks = pa.Array.from_buffers(pa.date64(), 1, [None, pa.array([86_400_001]).buffers()[1]])
    for array in (within, ticks):
        assert driftcli.Profile.of(pa.table({"d": array})).rows == 1


def test_integers_of_128_bits_are_named():
    """Polars writes them; Arrow reads no file that holds any."""
    path = Path(__file__).with_name("wide-integers.arrow")
    expected = r"wide-integers\.arrow: column 'big': integers of 128 bits, which Arrow cannot read"
    with pytest.raises(InputError, match=expected):
        open_source(path, READ)

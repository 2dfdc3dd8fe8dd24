"""Whether what a file or a stream says of its arrays is true, before anything follows it.

Offsets, lengths and indices that a damaged file makes up would be read beyond what is there.
"""

import pyarrow as pa

#: Values of these may be no whole days or have too many digits; that breaks nothing.
_ODD = (pa.types.is_decimal, pa.types.is_date64, pa.types.is_time)


def check(batch: pa.RecordBatch) -> None:
    """Check the columns in full: offsets, dictionary indices, and that text is UTF-8.

    Raises
    ------
    pyarrow.ArrowInvalid
        When one is not valid, naming it.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=not any(is_odd(column.type) for is_odd in _ODD))
        except pa.ArrowException as error:
            raise pa.ArrowInvalid(f"column {name!r}: {error}") from error

"""What the types of Arrow are called."""

import pyarrow as pa

from driftcli.profile.kinds import type_name


class Made(pa.ExtensionType):
    """A type that is made in Python and has no hash, as most have none."""

    def __init__(self) -> None:
        super().__init__(pa.int64(), "test.made")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, _storage: pa.DataType, _stored: bytes) -> "Made":
        return cls()


def test_types_without_a_hash_have_a_name() -> None:
    assert type_name(Made()).startswith("extension<")
    assert type_name(pa.list_(Made())).startswith("list<extension<")
    assert type_name(pa.dictionary(pa.int8(), pa.large_string())) == "string"

"""Encrypted Parquet files, written as Arrow writes them."""

import base64

import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe


class _Keys(pe.KmsClient):
    def __init__(self, _) -> None:
        super().__init__()

    def wrap_key(self, key_bytes, master_key_identifier):
        return base64.b64encode(master_key_identifier.encode() + key_bytes)

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return base64.b64decode(wrapped_key)[len(master_key_identifier) :]


def write(table, path, columns, *, plaintext_footer=True, **options):
    """Write a table with some of its columns encrypted."""
    config = pe.EncryptionConfiguration(
        footer_key="footer", column_keys={"columns": columns}, plaintext_footer=plaintext_footer
    )
    factory = pe.CryptoFactory(_Keys)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(
        path, table.schema, encryption_properties=properties, **options
    ) as writer:
        writer.write_table(table, row_group_size=100)

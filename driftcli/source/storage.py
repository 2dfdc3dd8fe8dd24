"""What the libraries of tables are told of where a table lies: as Arrow has it of its address."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from driftcli.source.lakes import Table

_S3 = ("s3",)


def options_of(table: Table) -> tuple[str, dict[str, str]]:
    """Return the address of a table without what it says of its storage, and that as options.

    Keys and endpoints that the environment has are found by the libraries themselves.
    """
    if table.filesystem is None or table.filesystem.type_name == "local":
        return table.root, {}
    address = urlsplit(table.address)
    host = address.netloc.rpartition("@")[2]
    place = f"{address.scheme}://{host}{address.path}"
    if address.scheme not in _S3:
        return place, {}
    return place, _of_s3(address.netloc.rpartition("@")[0], parse_qs(address.query))


def _of_s3(user: str, query: dict[str, list[str]]) -> dict[str, str]:
    said = {key: values[-1] for key, values in query.items()}
    options = {}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    if "endpoint_override" in said:
        endpoint = f"{said.get('scheme', 'https')}://{said['endpoint_override']}"
        options["AWS_ENDPOINT_URL"] = endpoint
    if endpoint.startswith("http://"):
        options["AWS_ALLOW_HTTP"] = "true"
    if "region" in said:
        options["AWS_REGION"] = said["region"]
    key, colon, secret = user.partition(":")
    if colon:
        options["AWS_ACCESS_KEY_ID"] = unquote(key)
        options["AWS_SECRET_ACCESS_KEY"] = unquote(secret)
    return options

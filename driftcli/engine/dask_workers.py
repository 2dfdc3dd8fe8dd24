"""A Dask cluster met and looked at, before any work: who is there, and with what installed."""

from __future__ import annotations

import asyncio
import logging
import platform
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from distributed import Client, Security
from distributed.comm import CommClosedError, connect, get_address_host_port
from distributed.core import send_recv
from distributed.versions import VersionMismatchWarning

from driftcli.engine.versions import Versions
from driftcli.errors import EngineError, UsageError

#: Seconds in which a scheduler, and then all that are asked, must have answered.
SECONDS = 5
#: And in which it must have said a first word, as schedulers do who are asked nothing.
_GREETING = 3
_TLS = (
    "what answers there takes TLS alone; where it is a scheduler, have Dask's settings here require"
    " encryption and name certificates (distributed.comm), or give a Client in Python"
)
_NO_TLS = (
    "no TLS connection to a scheduler comes about there; see that it takes TLS, and what"
    " certificates Dask's settings here name (distributed.comm.tls)"
)
_PORT = 8786
#: Looks without a worker after which no other is waited for; more while a nanny of one answers,
#: which starts another: on a busy machine that has taken 11 s.
_LOOKS, _LOOKS_WITH_NANNY = 2, 12


@contextmanager
def connected(asked: str | Client) -> Iterator[tuple[Client, str]]:
    """Return a client of a scheduler, and what messages call that; a client that is given stays.

    Raises
    ------
    EngineError
        When nothing answers, or something else does.
    UsageError
        When the client is one for coroutines.
    """
    if not isinstance(asked, str):
        if asked.asynchronous:
            raise UsageError("engine: an asynchronous Client cannot be waited for; give another")
        yield asked, f"dask://{asked.scheduler.address.partition('://')[2]}"
        return
    security = Security()
    place = asked.removeprefix("dask://").rstrip("/")
    scheme = "tls" if security.require_encryption else "tcp"
    address = f"{scheme}://{place}" + ("" if place.rpartition(":")[2].isdigit() else f":{_PORT}")
    # What is logged of connections is told in a line of ours.
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    _check_scheduler(address, asked, security)
    how = {"timeout": SECONDS, "set_as_default": False, "security": security}
    with warnings.catch_warnings():
        # Versions that differ are told in a line of ours as well.
        warnings.simplefilter("ignore", VersionMismatchWarning)
        client = Client(address, **how)
    with client:
        yield client, asked


def _check_scheduler(address: str, shown: str, security: Security) -> None:
    """Ask what answers at an address who it is: a client would wait for other servers for ever."""
    # In a thread: notebooks have a loop that runs.
    with ThreadPoolExecutor(1) as pool:
        if wrong := pool.submit(asyncio.run, _wrong(address, security)).result():
            raise EngineError(f"{shown}: {wrong}")


async def _wrong(address: str, security: Security) -> str:
    """Return what is wrong with what answers at an address; "" where it is a scheduler."""
    nothing = (
        f"no Dask scheduler answers there within {_GREETING} s; check the address, and that"
        " `dask scheduler` runs"
    )
    other = "what answers there is no Dask scheduler; check the address and the port"
    try:
        get_address_host_port(address)
        how = security.get_connection_args("client")
    except ValueError:
        return nothing
    except OSError:  # files of certificates
        return _NO_TLS
    try:
        # Who accepts and says nothing is no failure of `connect`: its own time ends before.
        greeted = connect(address, timeout=0.8 * _GREETING, **how)
        comm = await asyncio.wait_for(greeted, _GREETING)
        try:
            found = await asyncio.wait_for(send_recv(comm, op="identity"), SECONDS)
            return "" if found["type"] == "Scheduler" else other
        finally:
            comm.abort()
    except TimeoutError:
        return (
            f"what answers there says nothing for {_GREETING} s: it is no Dask scheduler, or one"
            " with too much to do; check the address and the port"
        )
    except Exception as error:  # noqa: BLE001 - another server's words are read as Dask's, sizes too
        if isinstance(error, OSError) and not isinstance(error, CommClosedError):
            return nothing
        if security.require_encryption:
            return _NO_TLS
        return _TLS if _takes_tls(address) else other


def _takes_tls(address: str) -> bool:
    """Return whether what answers at an address takes encrypted connections."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError), socket.create_connection(get_address_host_port(address), 1) as plain:
        context.wrap_socket(plain).close()
        return True
    return False


def check_workers(client: Client, shown: str) -> None:
    """Check what is installed on the scheduler and on each worker.

    What is asked needs nothing of ours: where it lacks, nothing of ours arrives.

    Raises
    ------
    EngineError
        When it is not what is installed here, or not all answer.
    """
    ours = Versions.here()
    try:
        found: Mapping[str, Versions] = client.sync(_installed, client, callback_timeout=SECONDS)
    except (OSError, TimeoutError) as error:
        raise EngineError(
            f"{shown}: not all of the cluster answers within {SECONDS} s; see its dashboard"
        ) from error
    wrong = {place: misfit for place, there in found.items() if (misfit := ours.misfit(there))}
    if wrong:
        place, misfit = next(iter(wrong.items()))
        others = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        raise EngineError(f"{shown}: {place}{others} {misfit}")


class Lookout:
    """Looks every few seconds whether a cluster has workers, or is to get them back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._nannies: list[str] = []
        self._without = 0
        self.lost()

    def lost(self) -> bool:
        """Look, and return whether all workers are lost and none comes in their place."""
        if found := self._client.run_on_scheduler(_nannies):
            self._nannies, self._without = [each for each in found if each], 0
            return False
        self._without += 1
        if self._without < _LOOKS:
            return False
        waited = self._without >= _LOOKS_WITH_NANNY
        return waited or not self._client.run_on_scheduler(_answers, self._nannies)


def _nannies(dask_scheduler: Any) -> list[str | None]:
    """Return the address of each worker's nanny, None where it has none."""
    return [each.nanny for each in dask_scheduler.workers.values()]


async def _answers(addresses: Sequence[str], dask_scheduler: Any) -> bool:
    """Return whether one of some nannies answers the scheduler, which knows the way to them."""

    async def answers(address: str) -> bool:
        try:
            await asyncio.wait_for(dask_scheduler.rpc(address).identity(), SECONDS)
        except (OSError, TimeoutError, CommClosedError):
            return False
        return True

    return any(await asyncio.gather(*map(answers, addresses)))


async def _installed(client: Client) -> dict[str, Versions]:
    """Return what is installed on the scheduler and on each worker, by what messages call them."""

    async def asked(function: Callable[..., str], *given: str) -> dict[str, str | None]:
        try:
            own = await client.run_on_scheduler(function, *given)
        except PackageNotFoundError:
            own = None
        workers = await client.run(function, *given, on_error="return")
        return {"the scheduler": own} | {
            f"the worker {address}": each if isinstance(each, str) else None
            for address, each in workers.items()
        }

    drift, python, arrow = await asyncio.gather(
        asked(version, "driftcli"), asked(platform.python_version), asked(version, "pyarrow")
    )
    return {
        place: Versions(drift[place], python[place] or "", arrow.get(place))
        for place in drift.keys() & python.keys()
    }

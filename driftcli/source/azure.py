"""Whether Azure lets us in, found out by another process: Arrow ends its own where it does not."""

import subprocess
import sys

from driftcli.errors import InputError

_LOOK = """
import sys
from pyarrow.fs import FileSystem
try:
    filesystem, root = FileSystem.from_uri(sys.stdin.read())
    filesystem.get_file_info(root)
except Exception:
    pass  # this process will be told the same
"""


def check_access(uri: str, shown: str) -> None:
    """Look at an address of Azure's.

    Raises
    ------
    InputError
        When whoever looks there is ended.
    """
    # By its standard input, since arguments are for everybody to see.
    looked = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _LOOK], input=uri.encode(), capture_output=True, check=False
    )
    if looked.returncode < 0:
        raise InputError(
            f"{shown}: cannot be opened: Azure does not take the credentials, or there are none."
            " Check the address and your credentials."
        )

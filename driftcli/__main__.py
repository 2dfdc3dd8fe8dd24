"""`drift` and `python -m driftcli`."""

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from driftcli.cli.process import run_process

    code = run_process(sys.argv[1:])
    # What is left goes with the process: searching it for garbage took a fifth of a short one.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()

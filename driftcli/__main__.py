"""`drift` and `python -m driftcli`."""

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from driftcli.cli.process import run_process

    sys.exit(run_process(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""How a command hands an error over to the process, past Typer."""

from driftcli.errors import DriftError

USAGE = DriftError.exit_code


class Failed(Exception):  # noqa: N818  # carries an error, is none
    """An error on its way past Typer, which has exit codes of its own for some.

    It would make 1, which is a verdict, of a closed pipe and of an EOFError.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

"""`drift schema`."""

from driftcli.cli import options
from driftcli.cli.boundary import guarded


@guarded
def schema(debug: options.Debug = False) -> int:
    """Print the JSON Schema of the JSON report."""
    del debug
    import msgspec

    from driftcli.cli.output import emit
    from driftcli.report import json_schema

    document = msgspec.json.format(msgspec.json.encode(json_schema()), indent=2)
    emit(document.decode() + "\n")
    return 0

"""Sources: a path, glob, directory, URI or in-memory object → schema and fragments of rows."""

from driftcli.source.contract import Block, Fragment, Invalid, Source
from driftcli.source.opening import open_source

__all__ = ["Block", "Fragment", "Invalid", "Source", "open_source"]

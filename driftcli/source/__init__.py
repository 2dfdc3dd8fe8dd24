"""Sources: a path, glob, directory, URI or in-memory object → schema and fragments of rows."""

from driftcli.source.contract import Block, Fragment, Source, Unparsed
from driftcli.source.opening import open_source

__all__ = ["Block", "Fragment", "Source", "Unparsed", "open_source"]

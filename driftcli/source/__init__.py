"""Sources: a path, glob, directory, URI or in-memory object → schema and fragments of rows."""

from driftcli.source.contract import Block, Fragment, Seen, Source, Unparsed, joined_seen
from driftcli.source.opening import open_source

__all__ = ["Block", "Fragment", "Seen", "Source", "Unparsed", "joined_seen", "open_source"]

"""A filter applied to a source, as the pipeline does."""

from reading import READ, drained

from driftcli.source.filtered import filtered
from driftcli.source.opening import opened
from driftcli.source.where import parsed


def where(text):
    return parsed([("--where", text)])


def kept(data, text, read=READ, columns=None):
    """Return what is read of a dataset under a filter."""
    source, left = opened(data, read, where(text))
    return drained(filtered(source, left), columns)

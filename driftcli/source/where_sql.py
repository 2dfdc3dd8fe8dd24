"""Filters in the words of a database: nothing of a text as it was given gets there."""

from collections.abc import Mapping
from math import isinf
from typing import Any

import pyarrow as pa

from driftcli.source.literals import family
from driftcli.source.where import SIGNS, column_of, tree


def written(text: str, stored: Mapping[str, str], types: pa.Schema, dialect: str | None) -> str:
    """Return a condition written anew.

    Parameters
    ----------
    stored
        The names of columns there, by those that they go by.
    types
        The types of columns, by the names that they go by.
    """
    from sqlglot import exp

    def there(node: Any) -> Any:
        if type(node) is exp.Column:
            return exp.column(exp.to_identifier(stored[column_of(node)], quoted=True))
        return node

    condition = tree(text)
    if dialect == "sqlite":
        # It has no types of times, compares no text with numbers, and escapes nothing by itself.
        for node in list(condition.walk()):
            _as_numbers(node, types)
        condition = condition.transform(_plain).transform(_escaped)
    return str(condition.transform(there).sql(dialect=dialect, comments=False))


def _as_numbers(node: Any, types: pa.Schema) -> None:
    """Have texts that are compared with a column of numbers be numbers, as they are meant."""
    from sqlglot import exp

    compared = {getattr(exp, name) for name in SIGNS} | {exp.In, exp.Between}
    if type(node) not in compared:
        return
    columns = [column_of(each) for each in node.find_all(exp.Column)]
    if any(family(types.field(name).type) == "numbers" for name in columns):
        for literal in list(node.find_all(exp.Literal)):
            literal.replace(_number(literal.name))


def _number(text: str) -> Any:
    from sqlglot import exp

    if isinf(float(text)):
        text = "-9e999" if float(text) < 0 else "9e999"
    return exp.Literal.number(text)


def _plain(node: Any) -> Any:
    from sqlglot import exp

    return node.this.copy() if type(node) is exp.Cast else node


def _escaped(node: Any) -> Any:
    from sqlglot import exp

    if type(node) is exp.Like and type(node.parent) is not exp.Escape:
        return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    return node

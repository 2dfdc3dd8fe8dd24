"""Filters in the words of a database, so that they keep there what they keep in files.

They are made of conditions: nothing of a text as it was given gets there but values in quotes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from msgspec import Struct

from driftcli.source.conditions import (
    ColumnComparison,
    Comparison,
    Condition,
    Joined,
    Missing,
    Not,
    Pattern,
    stepped,
)
from driftcli.source.literals import Literal, family, is_zoned, value_of

_NODES = {"=": "EQ", "!=": "NEQ", "<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE"}
#: Where what is no number is equal to itself and greater than all others.
_NAN_IS_GREATEST = ("postgres", "spark", "snowflake")
#: Where a backslash escapes in patterns by itself.
_ESCAPING = ("postgres", "spark", "bigquery")
#: What an order of texts by their bytes is called.
_BY_BYTES = {"postgres": "C", "sqlite": "BINARY"}
_DAY = 86_400 * 10**9


def written(
    condition: Condition, stored: Mapping[str, str], types: pa.Schema, dialect: str | None
) -> str:
    """Return a condition in the words of a database.

    Parameters
    ----------
    stored
        The names of columns there, by those that they go by.
    types
        The types of columns, by the names that they go by.
    """
    node = _Writer(stored, types, dialect).of(condition)
    return str(node.sql(dialect=dialect, comments=False))


class _Writer(Struct, frozen=True):
    """What makes nodes of sqlglot of conditions."""

    stored: Mapping[str, str]
    types: pa.Schema
    dialect: str | None

    def of(self, condition: Condition) -> Any:
        from sqlglot import exp

        match condition:
            case Comparison():
                return self._comparison(condition)
            case ColumnComparison():
                return self._of_columns(condition)
            case Pattern():
                return self._pattern(condition)
            case Missing():
                return exp.Is(this=self._column(condition.column), expression=exp.null())
            case Not():
                return exp.Not(this=exp.paren(self.of(condition.part)))
            case Joined():
                return self._joined(condition)
        raise TypeError(condition)

    def _joined(self, condition: Joined) -> Any:
        from sqlglot import exp

        parts = [self.of(each) for each in condition.parts]
        if condition.any_of and all(type(e) is exp.EQ and e.this == parts[0].this for e in parts):
            # However long, it is one expression to a database, and no deep one.
            return exp.In(this=parts[0].this, expressions=[each.expression for each in parts])
        join = exp.or_ if condition.any_of else exp.and_
        return exp.paren(join(*parts)) if len(parts) > 1 else parts[0]

    def _comparison(self, condition: Comparison) -> Any:
        name, sign, literal = condition.column, condition.sign, condition.literal
        kind = self._kind(name)
        column = self._column(name)
        if family(kind) == "text":
            return _node(sign, self._text(name, sign, [literal.text]), _string(literal.text))
        if pa.types.is_integer(kind):
            held = stepped(kind, sign, value_of(literal, name, kind))
            if isinstance(held, bool):  # for all values that there are
                return _node("=" if held else "!=", column, column.copy())
            return _node(sign, column, _number(str(held.as_py())))
        compared = _node(sign, column, self._value(literal, name, kind))
        return self._without_nan(compared, sign, [name])

    def _value(self, literal: Literal, name: str, kind: pa.DataType) -> Any:
        """Return a value as one of the type of its column."""
        from sqlglot import exp

        value, what = value_of(literal, name, kind), family(kind)
        if value is None:
            return exp.null()
        if what == "numbers":
            return self._double(literal, value, kind)
        if what == "truths":
            return exp.true() if value else exp.false()
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value // 1000)
        if what == "times of day":
            return exp.cast(_string(moment.time().isoformat()), "time")
        if pa.types.is_date(kind) and value % _DAY == 0:
            return exp.cast(_string(moment.date().isoformat()), "date")
        if is_zoned(kind):
            return exp.cast(_string(moment.isoformat(sep=" ")), "timestamptz")
        told = moment.replace(tzinfo=None).isoformat(sep=" ")
        word = "timestampntz" if self.dialect == "spark" else "timestamp"
        return exp.cast(_string(told), exp.DataType.build(word))

    def _double(self, literal: Literal, value: Any, kind: pa.DataType) -> Any:
        from sqlglot import exp

        if value in (float("inf"), float("-inf")):
            if self.dialect == "sqlite":
                return _number("9e999" if value > 0 else "-9e999")
            return exp.cast(_string(str(value)), "double")
        # A column holds what is nearest to it; SQLite compares long integers with that exactly.
        return _number(repr(value) if pa.types.is_floating(kind) else str(Decimal(literal.text)))

    def _of_columns(self, condition: ColumnComparison) -> Any:
        names, sign = [condition.left, condition.right], condition.sign
        kinds = [self._kind(name) for name in names]
        if family(kinds[0]) == "text":
            return _node(sign, *(self._text(name, sign, ["0"]) for name in names))
        floats = [pa.types.is_floating(kind) for kind in kinds]
        columns = [self._column(name) for name in names]
        if self.dialect == "sqlite" and any(floats):  # it compares long integers exactly
            from sqlglot import exp

            columns = [exp.cast(each, "double") for each in columns]
        return self._without_nan(_node(sign, *columns), sign, names)

    def _without_nan(self, compared: Any, sign: str, names: Sequence[str]) -> Any:
        """Return a comparison in which what is no number is unlike all, as in files.

        What is missing stays neither true nor false.
        """
        from sqlglot import exp

        floats = [name for name in names if pa.types.is_floating(self._kind(name))]
        if self.dialect not in _NAN_IS_GREATEST or not floats:
            return compared
        nan = [self._is_nan(name) for name in floats]
        numbers = exp.and_(*(exp.not_(each) for each in nan))
        if len(names) == 1:
            return exp.paren(exp.and_(compared, numbers)) if sign in (">", ">=") else compared
        if sign == "!=":
            return exp.paren(exp.or_(compared, exp.and_(*nan))) if len(nan) > 1 else compared
        lacking = [exp.Is(this=self._column(name), expression=exp.null()) for name in names]
        return exp.paren(exp.and_(compared, exp.or_(numbers, *lacking)))

    def _is_nan(self, name: str) -> Any:
        from sqlglot import exp

        return _node("=", self._column(name), exp.cast(_string("NaN"), "double"))

    def _pattern(self, condition: Pattern) -> Any:
        from sqlglot import exp

        texts = self._text(condition.column, "=", [condition.pattern])
        like = exp.Like(this=texts, expression=_string(condition.pattern))
        if self.dialect in _ESCAPING:
            return like
        return exp.Escape(this=like, expression=_string("\\"))

    def _text(self, name: str, sign: str, values: Sequence[str]) -> Any:
        """Return a column of texts that is compared by their bytes."""
        from sqlglot import exp

        column = self._column(name)
        # Types of PostgreSQL's own have an order and a spelling of their own. SQLite may take a
        # text that looks like a number for one.
        if self.dialect == "postgres" or (self.dialect == "sqlite" and any(map(_looks, values))):
            column = exp.cast(column, "text")
        # An index of PostgreSQL's has the order of the column, and equality is that of bytes.
        if self.dialect not in _BY_BYTES or (self.dialect == "postgres" and sign in ("=", "!=")):
            return column
        order = exp.to_identifier(_BY_BYTES[self.dialect], quoted=True)
        return exp.Collate(this=column, expression=order)

    def _column(self, name: str) -> Any:
        from sqlglot import exp

        return exp.column(exp.to_identifier(self.stored[name], quoted=True))

    def _kind(self, name: str) -> pa.DataType:
        return self.types.field(name).type


def _node(sign: str, left: Any, right: Any) -> Any:
    from sqlglot import exp

    return getattr(exp, _NODES[sign])(this=left, expression=right)


def _string(text: str) -> Any:
    from sqlglot import exp

    return exp.Literal.string(text)


def _number(text: str) -> Any:
    from sqlglot import exp

    return exp.Literal.number(text)


def _looks(text: str) -> bool:
    """Tell whether a text may be taken for a number."""
    with suppress(ValueError):
        float(text)
        return True
    return False

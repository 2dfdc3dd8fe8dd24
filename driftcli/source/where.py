"""Filters of rows: a condition as SQL writes it, of a closed list of what may stand in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from msgspec import Struct, field

from driftcli.arrays import scalar
from driftcli.errors import InputError, UsageError, missing_package, no_column
from driftcli.source.conditions import (
    ColumnComparison,
    Comparison,
    Condition,
    Joined,
    Missing,
    Not,
    Pattern,
    Ranges,
    compared,
    decoded,
)
from driftcli.source.literals import Literal, MismatchError
from driftcli.text import shortened

_TAKEN = "a filter takes comparisons, and, or, not, in, between, like, is null and values"
#: What sqlglot calls comparisons.
_SIGNS = {"EQ": "=", "NEQ": "!=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Clause(Struct, frozen=True):
    """A condition, how it is written, and what messages call the place where it was given."""

    place: str
    text: str
    condition: Condition


class Where(Struct, frozen=True):
    """Conditions that all rows of a dataset must meet.

    Attributes
    ----------
    renamed
        The names that columns go by in conditions, by those in the data.
    """

    clauses: tuple[Clause, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All conditions as one, written in one way."""
        if len(self.clauses) == 1:
            return self.clauses[0].text
        return " AND ".join(f"({each.text})" for each in self.clauses)

    @property
    def columns(self) -> list[str]:
        """The columns that are asked about."""
        return list(dict.fromkeys(n for each in self.clauses for n in each.condition.columns()))

    def check(self, schema: pa.Schema, name: str) -> None:
        """Check that a dataset has the columns, and that their types go with the values.

        Raises
        ------
        InputError
            When that is not so.
        """
        for clause in self.clauses:
            for column in clause.condition.columns():
                if column not in schema.names:
                    told = no_column(column, schema.names)
                    if column in compared(clause.condition):
                        told += "; a text goes in single quotes"
                    raise InputError(f"{name}: {clause.place}: {told}")
        self.mask({each: pa.nulls(0, schema.field(each).type) for each in self.columns}, name)

    def sql(self, stored: Mapping[str, str], types: pa.Schema, dialect: str | None) -> str:
        """Return all conditions in the words of a database, by the names that columns have there.

        They are written anew: nothing of a text as it was given gets there but values in quotes.
        """
        from driftcli.source.where_sql import written

        return " AND ".join(
            f"({written(each.condition, stored, types, dialect)})" for each in self.clauses
        )

    def mask(self, arrays: Mapping[str, Any], name: str) -> pa.BooleanArray:
        """Return which rows meet all conditions; a dataset called `name` has them."""
        import pyarrow.compute as pc

        plain = {column: decoded(arrays[column]) for column in self.columns}
        found = None
        for clause in self.clauses:
            try:
                mask = clause.condition.mask(plain)
            except (MismatchError, pa.ArrowException) as error:
                raise InputError(f"{name}: {clause.place}: {error}.") from error
            found = mask if found is None else pc.and_kleene(found, mask)
        return pc.fill_null(found, scalar(value=False))

    def may_hold(self, ranges: Ranges, name: str) -> bool:
        """Return whether a row within ranges, by the names in the data, may meet all."""
        return all(True in found for found in self._outcomes(ranges, name))

    def must_hold(self, ranges: Ranges, name: str) -> bool:
        """Return whether each row within ranges meets all."""
        return all(found == {True} for found in self._outcomes(ranges, name))

    def _outcomes(self, ranges: Ranges, name: str) -> Iterator[frozenset[bool | None]]:
        known = {self.renamed.get(column, column): each for column, each in ranges.items()}
        for clause in self.clauses:
            try:
                yield clause.condition.outcomes(known)
            except MismatchError as error:
                raise InputError(f"{name}: {clause.place}: {error}.") from error


def parsed(texts: Sequence[tuple[str, str]]) -> Where:
    """Return the filter of conditions, at least one, each with what messages call its place.

    Raises
    ------
    UsageError
        When one is no condition, has what may not stand in one, or what reads it lacks.
    """
    return Where(tuple(_clause(place, text) for place, text in texts))


def _clause(place: str, text: str) -> Clause:
    if not text.strip():
        raise UsageError(f"{place}: no condition; {_TAKEN}. Leave it out to take all rows")
    shown = f"{place} `{shortened(text)}`"
    try:
        found = _tree(text)
        return Clause(place, found.sql(comments=False), _condition(found))
    except _RefusedError as error:
        raise UsageError(f"{shown}: {error}; {_TAKEN}") from error
    except RecursionError as error:
        raise UsageError(f"{shown}: nested too deep") from error
    except ImportError as error:
        raise UsageError(f"{shown}: {missing_package('sqlglot')}") from error


class _RefusedError(Exception):
    """What may not stand in a filter; its text says what it is."""


def _tree(text: str) -> Any:
    """Return a condition as sqlglot has it."""
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.tokens import TokenType

    try:
        if any(each.token_type == TokenType.SEMICOLON for each in sqlglot.tokenize(text)):
            raise _RefusedError("`;` ends a statement, and a filter is one condition")
        return sqlglot.parse_one(text, into=sqlglot.exp.Condition)
    except SqlglotError as error:
        raise _RefusedError(
            "not a condition (names that are words of SQL, or have other signs, go in double "
            "quotes, and texts in single ones)"
        ) from error


def _condition(node: Any) -> Condition:
    from sqlglot import exp

    kind, given = type(node), {key for key, value in node.args.items() if value}
    if kind is exp.Paren:
        return _condition(node.this)
    if kind in (exp.And, exp.Or):
        parts = tuple(_condition(each) for each in node.flatten())
        return Joined(parts, any_of=kind is exp.Or)
    if kind is exp.Not:
        return Not(_condition(node.this))
    if kind in _signs() and given == {"this", "expression"}:
        return _comparison(node.this, _signs()[kind], node.expression)
    if kind is exp.In and given == {"this", "expressions"}:
        column = _column(node.this)
        values = [_literal(each) for each in node.expressions]
        return Joined(tuple(Comparison(column, "=", each) for each in values), any_of=True)
    if kind is exp.Between and given == {"this", "low", "high"}:
        low, high = ((">=", node.args["low"]), ("<=", node.args["high"]))
        return Joined(tuple(_comparison(node.this, sign, each) for sign, each in (low, high)))
    if kind is exp.Like and given <= {"this", "expression", "negate"}:
        like = Pattern(_column(node.this), _pattern(node.expression))
        return Not(like) if "negate" in given else like
    if kind is exp.Is:
        return _is(node)
    if kind is exp.Column:
        return Comparison(_column(node), "=", Literal("truth", "true"), bare=True)
    raise _refused(node)


def _is(node: Any) -> Condition:
    from sqlglot import exp

    missing = Missing(_column(node.this))
    if type(node.expression) is exp.Null:
        return missing
    if type(node.expression) is exp.Boolean:
        is_so = Comparison(missing.column, "=", _literal(node.expression))
        return Joined((Not(missing), is_so))
    raise _refused(node.parent if type(node.parent) is exp.Not else node)


def _signs() -> dict[type, str]:
    from sqlglot import exp

    return {getattr(exp, name): sign for name, sign in _SIGNS.items()}


def _comparison(left: Any, sign: str, right: Any) -> Condition:
    from sqlglot import exp

    if type(left) is exp.Column and type(right) is exp.Column:
        return ColumnComparison(_column(left), sign, _column(right))
    if type(left) is exp.Column:
        return Comparison(_column(left), sign, _literal(right))
    if type(right) is exp.Column:
        return Comparison(_column(right), _TURNED[sign], _literal(left))
    for each in (left, right):
        _literal(each)
    raise _RefusedError("a comparison of values has no column")


def _column(node: Any) -> str:
    """Return the name of a column; that of a struct's field has dots."""
    from sqlglot import exp

    if type(node) is exp.Paren:
        return _column(node.this)
    if type(node) is not exp.Column or not all(type(each) is exp.Identifier for each in node.parts):
        raise _refused(node)
    return ".".join(part.name for part in node.parts)


def _literal(node: Any) -> Literal:
    from sqlglot import exp

    kind = type(node)
    if kind is exp.Paren:
        return _literal(node.this)
    if kind is exp.Literal:
        return Literal("text" if node.is_string else "number", node.name)
    if kind is exp.Neg and type(node.this) is exp.Literal and not node.this.is_string:
        return Literal("number", f"-{node.this.name}")
    if kind is exp.Boolean:
        return Literal("truth", "true" if node.this else "false")
    if kind is exp.Cast and type(node.this) is exp.Literal and node.this.is_string:
        types = exp.DataType.Type
        if node.to.this == types.DATE:
            return Literal("date", node.this.name)
        if node.to.this in (types.TIMESTAMP, types.TIMESTAMPTZ, types.DATETIME, types.TIME):
            return Literal("time", node.this.name)
    if kind is exp.Column:
        raise _RefusedError(
            f"`{shortened(node.sql(comments=False))}` is not taken as a value; a text goes in "
            "single quotes"
        )
    if kind is exp.Null:
        raise _RefusedError("nothing equals null: `is null` asks for missing values")
    raise _refused(node)


def _pattern(node: Any) -> str:
    literal = _literal(node)
    if literal.kind != "text":
        raise _RefusedError("`like` takes a text in quotes")
    return literal.text


def _refused(node: Any) -> _RefusedError:
    from sqlglot import exp

    shown = shortened(node.sql(comments=False))
    if any(isinstance(each, exp.Query | exp.Exists) for each in node.walk()):
        return _RefusedError(f"`{shown}` has a query within")
    if isinstance(node, exp.BitwiseLeftShift | exp.BitwiseRightShift):
        return _RefusedError(f"`{shown}` is a shift of bits")
    what = "a function" if isinstance(node, exp.Func) else "not taken"
    return _RefusedError(f"`{shown}` is {what}")

"""What the manifests of an Iceberg table say of its columns."""

from contextlib import suppress
from typing import Any

import pyarrow as pa

from driftcli.errors import InputError
from driftcli.source.footers import Footers, KnownColumn, KnownRows, has_extremes
from driftcli.source.iceberg_plans import (
    AskedTable,
    Snapshot,
    bounds_of,
    in_folder,
    loaded,
    planned,
    told,
)
from driftcli.source.lakes import Table
from driftcli.source.table_files import TableColumn
from driftcli.source.where import Where
from driftcli.text import named


def named_footers(name: str, where: Where | None) -> tuple[Footers, Where | None]:
    """Return what is known of a table of a catalog, and what of a filter is left.

    Raises
    ------
    InputError
        When there is no such catalog, table or state, what reads it lacks, or rows are deleted, so
        that nobody counts those that are left.
    """
    with told(named(name)):
        return _known(loaded(name), where)


def footers_in(table: Table, where: Where | None) -> tuple[Footers, Where | None]:
    """Return what is known of a table that lies in a folder, and what of a filter is left.

    Raises
    ------
    InputError
        As `named_footers` does.
    """
    with told(table.name):
        return _known(in_folder(table), where)


def _known(found: AskedTable, where: Where | None) -> tuple[Footers, Where | None]:
    plan, where = planned(found, where)
    if plan.values or any(task.delete_files for task in plan.tasks):
        raise InputError(
            f"{plan.name}: rows of it are deleted by their places or values, and its manifests"
            " do not count those that are left. Leave --footers out."
        )
    rows = [_rows(plan, task) for task in plan.tasks]
    schema = pa.schema([(each.name, each.type) for each in plan.columns])
    return Footers(plan.name, "iceberg", schema, rows, plan.notes), where


def _rows(plan: Snapshot, task: Any) -> KnownRows:
    known = {each.name: _held(plan, task, each) for each in plan.columns}
    return KnownRows(int(task.file.record_count), known)


def _held(plan: Snapshot, task: Any, column: TableColumn) -> KnownColumn:
    file, kind = task.file, column.type
    nulls = (file.null_value_counts or {}).get(column.id)
    if column.id is None or pa.types.is_nested(kind):
        return KnownColumn()
    if nulls == file.record_count:
        return KnownColumn(nulls, [])
    if not has_extremes(kind):
        return KnownColumn(nulls)
    # What does not convert is not known.
    with suppress(Exception):
        bounds = bounds_of(file, plan.schema, column.id)
        if None not in bounds:
            return KnownColumn(nulls, [pa.scalar(each, kind) for each in bounds])
    return KnownColumn(nulls)

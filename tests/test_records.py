"""The records of the documents: a JSON contract whose fields say what they hold."""

import importlib
import pkgutil
import re

import pytest
from msgspec import Struct, structs

from driftcli import report
from driftcli.report.comparison import Explained, Report

MODULES = [
    importlib.import_module(f"{report.__name__}.{module.name}")
    for module in pkgutil.iter_modules(report.__path__)
]
RECORDS = [
    each
    for module in MODULES
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Struct) and each.__module__ == module.__name__
]
#: More fields than a sentence can hold.
LARGE = [each for each in RECORDS if len(structs.fields(each)) > 5 and each is not Explained]


@pytest.mark.parametrize("record", LARGE, ids=lambda record: record.__qualname__)
def test_every_field_of_a_large_record_is_in_its_attributes(record):
    _, _, attributes = re.sub("(?m)^ {4}", "", record.__doc__).partition("Attributes\n----------\n")
    listed = [name for line in re.findall(r"(?m)^\w.*$", attributes) for name in line.split(", ")]
    assert sorted(listed) == sorted(field.name for field in structs.fields(record))


def test_there_are_large_records():
    assert Report in LARGE
    assert len({each.__name__ for each in RECORDS}) > 40

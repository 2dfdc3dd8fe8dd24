"""The records of the documents: a JSON contract whose fields say what they hold."""

import importlib
import pkgutil
import re

import pytest
from msgspec import Struct, structs

from driftcli import report
from driftcli.render import FORMATS
from driftcli.report.comparison import Explained, Report
from driftcli.report.schemas import DOCUMENTS, record_of

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


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_knows_its_name_and_version(name):
    record = record_of(name)
    assert record.document == name
    [schema] = (each.default for each in structs.fields(record) if each.name == "schema")
    assert schema == f"drift.{name}/1"


def test_every_document_has_its_formats():
    assert FORMATS.keys() == {*DOCUMENTS, Explained.document}
    for forms in FORMATS.values():
        assert list(forms)[:2] == ["table", "json"]
        for place in forms.values():
            module, _, function = place.rpartition(".")
            assert callable(getattr(importlib.import_module(f"driftcli.render.{module}"), function))

"""What may be secret in an address is shown nowhere, and what is none stays as it is."""

from __future__ import annotations

import re

import pytest

from driftcli.text import late, safe, scrubbed

S = "SuperSecret123"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"postgresql://u:{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql+psycopg://u:{S}@h:5432/d", "postgresql+psycopg://u:…@h:5432/d"),
        (f"postgresql://u:{S}@h:port/d", "postgresql://u:…@h:port/d"),
        (f"POSTGRESQL://u:{S}@h/d", "POSTGRESQL://u:…@h/d"),
        (f"postgresql://u:a/{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql://u:a?{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql://u:a#{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql://u:a@{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql://u:a {S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql://u%3A{S}@h/d", "postgresql://u:…@h/d"),
        (f"postgresql:/u:{S}@h/d", "postgresql:/u:…@h/d"),
        (f"postgresql:u:{S}@h/d", "postgresql:u:…@h/d"),
        (f"postgresql//u:{S}@h/d", "postgresql//u:…@h/d"),
        (f"postgresql ://u:{S}@h/d", "postgresql ://u:…@h/d"),
        (f"  postgresql://u:{S}@h/d", "  postgresql://u:…@h/d"),
        (f"'postgresql://u:{S}@h/d'", "'postgresql://u:…@h/d'"),
        (f"//u:{S}@h/d", "//…@h/d"),
        (f"postgresql://h/d?user=u&password={S}", "postgresql://h/d?user=u&password=…"),
        (f"postgresql://h/d?Password={S}&sslmode=require", "postgresql://h/d?Password=…&sslmode=require"),
        (f"postgresql://h/d?pass%77ord={S}", "postgresql://h/d?pass%77ord=…"),
        (f"postgresql://h/d?host=u:{S}@x", "postgresql://h/d?host=…"),
        ("postgresql://drift@/name?host=/tmp/pg", "postgresql://drift@/name?host=/tmp/pg"),
        (f"s3://AKIAKEY:{S}@bucket/x.parquet", "s3://…@bucket/x.parquet"),
        (f"S3://AKIAKEY:{S}@bucket/x.parquet", "S3://…@bucket/x.parquet"),
        (f"s3:/AKIAKEY:{S}@bucket/x.parquet", "s3:/…@bucket/x.parquet"),
        (f"s3://AKIAKEY:a/b+{S}@bucket/*.parquet", "s3://…@bucket/*.parquet"),
        (f"s3://b/k?secret_key={S}&region=eu", "s3://b/k?secret_key=…&region=eu"),
        (f"s3://b/k?access_key=AKIAKEY;session_token={S}", "s3://b/k?access_key=…;session_token=…"),
        (f"s3://AKIA{'0' * 12}:{S * 3:.40}@bucket/t@v0", "s3://…@bucket/t@v0"),
        (f"s3://AKIAKEY:{S}@bucket/t@v0", "s3://…@v0"),
        ("s3://b/part-?.parquet", "s3://b/part-?.parquet"),
        ("s3://b/day=1/k@2.parquet", "s3://b/day=1/k@2.parquet"),
        (f"https://h/x.csv?{S}", "https://h/x.csv?…"),
        (f"https://h/x.csv?sig={S}&se=2026", "https://h/x.csv?sig=…&se=…"),
        (f"https://{S}@h/x.csv", "https://…@h/x.csv"),
        (f"https://h/x.csv#{S}", "https://h/x.csv#…"),
        (f"https://h/x;token={S}/y", "https://h/x;token=…"),
        (f"abfs://account:{S}@h/x", "abfs://account:…@h/x"),
        ("abfs://container@account.dfs.core.windows.net/x", "abfs://container@account.dfs.core.windows.net/x"),
        (f"abfss://:{S}@h/x", "abfss://…@h/x"),
        (f"hdfs://u:{S}@h:8020/x", "hdfs://u:…@h:8020/x"),
        (f"hdfs://h/x?kerb_ticket={S}", "hdfs://h/x?kerb_ticket=…"),
        (f"gs://k:{S}@b/x", "gs://k:…@b/x"),
        (f"sqlite:///x.db?key={S}", "sqlite:///x.db?key=…"),
        (f"mystore://k:{S}@b/x", "mystore://…@b/x"),
        ("s3://${KEY}:${SECRET}@bucket/x", "s3://…@bucket/x"),
        ("https://${TOKEN}@h/x", "https://${TOKEN}@h/x"),
        (f"{{date}} of s3://k:{S}@b/x, and more", "{date} of s3://…@b/x, and more"),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_its_secrets(name: str, shown: str) -> None:
    assert safe(name) == shown
    assert safe(shown) == shown


@pytest.mark.parametrize(
    "name",
    [
        "base.csv",
        "-",
        "",
        "lake/day=2025-03-01/part@1:2.parquet",
        "C:/data/x@1.csv",
        "C:\\data\\x.csv",
        "/a//b@c.csv",
        "token=abc/part.parquet",
        "a?b#c&d=e.csv",
        "s3.csv",
        "https/x.csv",
        "gs/x@y.parquet",
        "last 28 days",
        "s3://bucket/key.parquet",
        "file:///tmp/a b.csv",
        "drift-history.db",
    ],
)
def test_a_name_without_secrets_stays_as_it_is(name: str) -> None:
    assert safe(name) == name


def test_what_was_hidden_is_found_in_the_texts_of_libraries() -> None:
    safe("postgresql://u:Tr%40ub4dor@h:bad/d?token=Correct+Horse")
    said = 'invalid integer value "ub4dor@h:bad" of Tr@ub4dor, "Tr%40ub4dor", Correct Horse'
    hidden = scrubbed(said)
    for secret in ("ub4dor", "Correct", "Horse"):
        assert secret not in hidden
    assert hidden.startswith('invalid integer value "')


def test_addresses_in_a_text_are_hidden_though_nobody_named_them() -> None:
    assert scrubbed("Cannot parse URI: 's3://k:Hunter2Hunter2@b/x': bad port") == (
        "Cannot parse URI: 's3://…@b/x': bad port"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", ["a", "a.", "?", "=", "&a", ":", "@", "//", " ", "s3:", "a ", "%3a"]
)
def test_no_text_takes_long(part: str) -> None:
    """Each would take minutes if it took the square of its length."""
    for text in (part * 50_000, f"s3://{part * 50_000}", f"s3://u:{part * 50_000}@h"):
        safe(text)
        scrubbed(text)


def test_a_late_pattern_is_a_pattern_from_its_first_use_on() -> None:
    late("(", re.DOTALL)  # not compiled, so that nothing tells that it is none
    pattern = late(r"a(?P<b>.)", re.DOTALL | re.IGNORECASE)
    for _ in range(2):
        found = pattern.fullmatch("A\n")
        assert found is not None
        assert found["b"] == "\n"
        assert pattern.sub("x", "abac") == "xx"
    assert late(rb"\d+").findall(b"1 22") == [b"1", b"22"]

"""A secret that is planted in every place for an address is in no output."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_runs import Drift, Ended, write_csv
from loopback import loopback

import driftcli
from driftcli.render import FORMATS

MARK = "Hunter2Marker"
SECRETS = (MARK, "Hunter2", "2Marker", "AKIAPLANTED")
#: A well-formed address of each kind, and slips of the pen; none of them leads anywhere.
ADDRESSES = [
    f"postgresql://u:{MARK}@127.0.0.1:9/d",
    f"postgresql://127.0.0.1:9/d?user=u&password={MARK}",
    f"postgresql+psycopg://u:{MARK}@127.0.0.1:9/d?sslpassword={MARK}",
    f"postgresql://u:{MARK}@h:port/d",
    f"postgresql://u:{MARK}/x@127.0.0.1:9/d",
    f"postgresql://u:Hunter2%4{MARK}@127.0.0.1:9/d",
    f"POSTGRESQL://u:{MARK}@127.0.0.1:9/d",
    f"postgresql:/u:{MARK}@127.0.0.1:9/d",
    f"postgresql:u:{MARK}@127.0.0.1:9/d",
    f" postgresql://u:{MARK}@127.0.0.1:9/d",
    f"mysql://u:{MARK}@h/d",
    f"sqlite:///x.db?token={MARK}",
    f"sqlite://u:{MARK}@h/x.db",
    f"https://u:{MARK}@h/x.csv",
    f"https://{MARK}@h/x.csv",
    f"https://h/x.csv?sig={MARK}",
    f"hdfs://u:{MARK}@127.0.0.1:9/x",
    f"gs://k:{MARK}@b/x",
    f"s3:/AKIAPLANTED:{MARK}@b/x",
    f"s3://AKIAPLANTED:Hunter2 {MARK}@b/x",
    f"S3://AKIAPLANTED:{MARK}@b/x",
    f"s3://AKIAPLANTED:{MARK}@b:port/x",
    f"mystore://k:{MARK}@b/x",
    f"file://u:{MARK}@/b.csv",
    f"//u:{MARK}@h/x",
    f"${{HOME}}://u:{MARK}@h/x",
]


def refused(ended: Ended) -> str:
    """Return all that a command said that could not do what it should."""
    said = ended.out + ended.err
    assert ended.code == 2, said
    return said


def no_secret(said: str) -> None:
    for secret in SECRETS:
        assert secret.lower() not in said.lower(), said


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_leads_nowhere_keeps_its_secret(
    drift: Drift, base: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(drift("compare", address, base, "--debug"))
    said += refused(drift("compare", base, address))
    said += refused(drift("show", address))
    said += refused(drift("compare", base, base, "--config", address))
    said += refused(drift("run", address))
    said += refused(drift("compare", base, base, "--threshold", address))
    said += refused(drift("history", "--since", address))
    for way in (["--history", address], [f"--history={address}", "--debug"]):
        said += refused(drift("history", *way))
    monkeypatch.setenv("DRIFT_HISTORY", address)
    said += refused(drift("history", "--debug"))
    no_secret(said)
    with pytest.raises(driftcli.DriftError) as caught:
        driftcli.compare(address, base)
    no_secret(str(caught.value))


@pytest.mark.parametrize("address", [ADDRESSES[0], ADDRESSES[1], ADDRESSES[3], ADDRESSES[18]])
def test_a_configuration_is_shown_and_run_without_its_secrets(
    drift: Drift, base: str, address: str
) -> None:
    text = f'history = "{address}"\n[checks.a]\nbaseline = "{base}"\ncurrent = "{address}"\n'
    Path("drift.toml").write_text(text + f'reports = ["{address}.json"]\n')
    said = str([drift("config"), drift("run", "--dry-run"), drift("history", "--debug")])
    no_secret(said + refused(drift("run", "--debug", "-f", "json", "--lock", "own.lock")))
    Path("drift.toml").write_text(f'history = ["{address}"]\nnotify = "slack://a/b/{MARK}"\n')
    no_secret(refused(drift("config")))
    Path("drift.toml").write_text(f'notify = "slack://a/b/{MARK}"\n')
    no_secret(refused(drift("config")))


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What was posted to an address of a messenger, and in it the address itself."""
    warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
    posts: list[str] = []
    with loopback() as kept:
        posts.append(kept.url.replace("s3cret", MARK))
        yield posts
        posts.append(str(kept.posts))


@pytest.mark.slow
def test_data_with_a_secret_in_its_address_is_read_and_the_secret_is_nowhere(
    drift: Drift, base: str, moved: str, told: list[str]
) -> None:
    """The fragment of an address is a secret as good as any, and Arrow passes over it."""
    times = {"at": [f"2025-03-{day % 28 + 1:02d}" for day in range(56)], "x": range(56)}
    timed = write_csv("timed.csv", times)
    old, new, at = (f"file://{Path(each).resolve()}#{MARK}" for each in (base, moved, timed))
    said = [
        *(drift("compare", old, new, "--format", form, "--all") for form in FORMATS["report"]),
        *(drift("compare", old, new, "-o", f"all.{end}") for end in ("html", "json", "md", "csv")),
        drift("compare", old, new, "--by", "city"),
        drift("compare", old, new, "--by", "city", "-f", "json"),
        drift("explain", old, new, "amount"),
        drift("show", old),
        drift("show", old, "-f", "json"),
        drift("profile", old, "-o", "old.profile"),
        drift("profile", new, "-o", "new.profile", "--redact"),
        drift("show", "old.profile"),
        drift("merge", "old.profile", old, "-o", "both.profile"),
        drift("report", "all.json", "-f", "md"),
        drift("timeline", at, "--time", "at", "--every", "1w"),
        drift("timeline", at, "--time", "at", "--every", "1w", "-f", "json"),
        drift("calibrate", old, old, old, "--dry-run"),
        drift("init", old, "-o", "made.toml"),
    ]  # fmt: skip
    text = f"""
        notify = ["{told[0]}", "slack://a/{MARK}", "${{MISSING}}"]
        reports = ["out/{{check}}.html", "out/{{check}}.json", "out/{{check}}.md"]
        [checks.a]
        baseline = "{old}"
        current = "{new}"
        [checks.b]
        baseline = "{new}"
        current = "{old}.none"
    """
    Path("drift.toml").write_text(text)
    said += [
        drift("config"),
        drift("run", "--dry-run"),
        drift("run", "--debug", "-f", "json"),
        drift("run", "--all", "--always", "-o", "run.json"),
        *(drift("history", *more) for more in ([], ["a"], ["a", "-f", "csv"], ["-f", "json"])),
        drift("history", "a", "-o", "scores.csv"),
    ]
    assert {each.code for each in said} <= {0, 1, 2}, said
    Path("drift.toml").unlink()
    written = [path for path in Path().rglob("*") if path.is_file()]
    assert {"all.html", "old.profile", "drift-history.db", "a.html"} <= {p.name for p in written}
    for path in written:
        data = path.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in data], path
    no_secret(str(said))
    no_secret("".join(told[1:]))

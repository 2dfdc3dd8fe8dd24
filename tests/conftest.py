"""What all tests share: Hypothesis draws the same examples in every run."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from driftcli import text

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    """Forget what other tests gave as secrets: a process remembers it, to hide it."""
    yield
    text._hidden.clear()

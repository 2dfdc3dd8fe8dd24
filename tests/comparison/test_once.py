"""What is made once of an instance: kept, and without waiting for other instances."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from msgspec import Struct

from driftcli.comparison.once import once
from driftcli.comparison.pool import Pool

PATIENCE = 30


class Counting(Struct, dict=True):
    made: int = 0

    @once
    def value(self) -> int:
        """How often it was made."""
        self.made += 1
        return self.made


class Meeting(Struct, dict=True):
    own: Event
    other: Event

    @once
    def met(self) -> bool:
        self.own.set()
        return self.other.wait(PATIENCE)


def test_it_is_made_once_for_each_instance():
    first, second = Counting(), Counting()
    assert [first.value, first.value, second.value] == [1, 1, 1]


def test_it_is_documented():
    assert Counting.value.__doc__ == "How often it was made."
    assert (Pool.draws.__doc__ or "").startswith("Random splits")


def test_instances_do_not_wait_for_each_other():
    one, other = Event(), Event()
    with ThreadPoolExecutor(2) as threads:
        meetings = Meeting(one, other), Meeting(other, one)
        assert list(threads.map(lambda each: each.met, meetings)) == [True, True]

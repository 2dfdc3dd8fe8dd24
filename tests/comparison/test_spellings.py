"""Which names are looked at closely for other writings: all that are alike."""

from hypothesis import given
from hypothesis import strategies as st

from driftcli.comparison.spellings import _WAYS, _plain, _rough

NAMES = st.lists(st.text("aAbB012.,-_/'\" \t\x1f\0éÄ", max_size=6), min_size=1, max_size=8)


@given(NAMES)
def test_names_that_are_alike_are_so_at_a_rough_look(names: list[str]) -> None:
    looks = _rough(names)
    assert len(looks) == len(names)
    at: dict[str, str] = {}
    for name, look in zip(names, looks, strict=True):
        assert at.setdefault(_plain(name, tuple(_WAYS)), look) == look

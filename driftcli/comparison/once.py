"""What is made of an instance once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Made = TypeVar("Made")


class once(Generic[Made]):  # noqa: N801 - a decorator, as `property` is
    """A property that is made when it is first asked for, and kept.

    `functools.cached_property` of Python 3.11 has one lock for all instances, by which threads
    that compare columns wait for one another. Here what two threads ask one instance for at the
    same time is made twice.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Keep what is made by this name: later it is found before the property."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[Made]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...

    def __get__(self, instance: object | None, owner: type) -> once[Made] | Made:
        """Make and keep it."""
        if instance is None:
            return self
        made = instance.__dict__[self._name] = self._make(instance)
        return made

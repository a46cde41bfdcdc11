"""What may stand in a contract, and what is refused by name."""

# ruff: noqa: D102 (only the signatures are of interest)

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from meishi.calls.rules import contract_faults, type_faults
from meishi.sdk.contract import DomainError, command, query


class Colour(enum.StrEnum):
    """An enumeration."""

    RED = "red"


class Weight(enum.Enum):
    """An enumeration whose values no document can hold."""

    LIGHT = 1.5


@dataclass(frozen=True)
class Tree:
    """A type that holds itself."""

    left: Tree | None
    colour: Colour


@dataclass
class Thawed:
    """A dataclass that can be changed."""

    value: int


@dataclass(frozen=True)
class Wrapped:
    """A frozen dataclass around one that is not."""

    inner: Thawed


class Plain:
    """No dataclass."""


class First(DomainError):
    """A declared error."""

    code = "first"
    title = "First"


class SameCode(DomainError):
    """A declared error with the code of another."""

    code = "first"
    title = "Second"


class Nameless(DomainError):
    """A declared error without a code."""


class Talkative(DomainError):
    """A declared error that is made in a way of its own."""

    code = "talkative"
    title = "Talkative"

    def __init__(self) -> None:
        super().__init__("always the same")


class Sound(Protocol):
    """A contract without faults."""

    @query(errors=(First,))
    def one(self, at: datetime, *, limit: int = 5) -> tuple[Tree, ...]: ...

    @command()
    def two(self) -> None: ...

    def _private(self) -> Plain: ...


class Faulty(Protocol):
    """A contract with every fault that there is."""

    attribute: int

    @property
    def derived(self) -> int: ...

    def unmarked(self) -> None: ...

    @query()
    async def later(self) -> int: ...

    @query()
    def variable(self, *numbers: int) -> int: ...

    @query()
    def untyped(self, number) -> int: ...  # type: ignore[no-untyped-def]

    @query()
    def no_result(self): ...  # type: ignore[no-untyped-def]

    @query()
    def mutable(self, drafts: list[int]) -> dict[str, int]: ...

    @query()
    def ambiguous(self, key: UUID | str) -> Weight: ...

    @query(errors=(First, SameCode, Nameless, Talkative, ValueError))  # type: ignore[arg-type]
    def failing(self) -> None: ...


@pytest.mark.parametrize(
    "annotation",
    [
        None, bool, int, float, str, bytes, Decimal, UUID, datetime, date, time, timedelta,
        Colour, Tree, Literal["a", "b"], int | None, tuple[int, ...], tuple[int, str],
        frozenset[str], tuple[tuple[Colour, ...], ...],
    ],
    ids=str,
)  # fmt: skip
def test_types_that_may_cross(annotation: Any) -> None:
    """Scalars, enumerations, tuples, frozen sets and frozen dataclasses of them may cross."""
    assert list(type_faults(type(None) if annotation is None else annotation)) == []


@pytest.mark.parametrize(
    ("annotation", "fault"),
    [
        (list[int], "list must not cross"),
        (dict[str, int], "dict must not cross"),
        (set[int], "set must not cross"),
        (Sequence[int], "Sequence must not cross"),
        (tuple, "tuple must not cross"),
        (Any, "Any"),
        (object, "object"),
        (Plain, "Plain"),
        (Session, "Session"),
        (Thawed, "Thawed is not frozen"),
        (Wrapped, "Wrapped.inner: Thawed is not frozen"),
        (tuple[list[int], ...], "list must not cross"),
        (int | Plain, "Plain"),
    ],
    ids=str,
)
def test_types_that_must_not_cross(annotation: Any, fault: str) -> None:
    """What can be changed, or not be encoded, is refused by its name."""
    (found,) = type_faults(annotation)
    assert fault in found


def test_a_sound_contract_has_no_faults() -> None:
    """Marked methods over allowed types are all that is wanted."""
    assert list(contract_faults(Sound)) == []
    assert list(contract_faults(Plain)) == ["is not a typing.Protocol"]


@pytest.mark.parametrize(
    "fault",
    [
        "attribute is not a method",
        "derived is not a method",
        "unmarked is not marked @query, @command or @atomic",
        "later is asynchronous",
        "variable takes a variable number of arguments",
        "untyped: parameter number has no type",
        "no_result has no result type",
        "mutable: parameter drafts: list must not cross a contract",
        "mutable: result: dict must not cross a contract",
        "ambiguous: parameter key: Type unions may not contain more than one str-like type",
        "ambiguous: result: Enums must contain either all str or all int values",
        "failing declares SameCode: another error of this method has the code 'first'",
        "failing declares Nameless: it has no `code` or no `title`",
        "failing declares Talkative: it has an `__init__` of its own",
        "failing declares ValueError: it is no DomainError",
    ],
)
def test_each_fault_of_a_contract_is_named(fault: str) -> None:
    """Every fault is one sentence with the method's name."""
    assert [item for item in contract_faults(Faulty) if item.startswith(fault)]

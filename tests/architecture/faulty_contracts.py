"""A sound contract, and everything that would make it faulty."""

from __future__ import annotations

SOUND = """
import enum
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol
from uuid import UUID

from crm_contacts.contract import Contact, ContactNotFound
from meishi.sdk.contract import DomainError, Event, command, query

__all__ = ["Contact", "LIMIT"]

LIMIT = 5
NAMES = ("a", ("b", frozenset({1})))
NOTHING = None
FACTOR = Decimal("1.5")

Parameters = tuple[tuple[str, str], ...]
Mode = Literal["a", "b"]
Key = int | None
_private = {}


class Colour(enum.StrEnum):
    RED = "red"


FAVOURITE = Colour.RED


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    kind: ClassVar[list[str]] = []
    parameters: Parameters
    left: "Tree | None" = None
    colour: Colour = Colour.RED


SEED = Tree(parameters=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted(Event):
    event_type: ClassVar[str] = "tree.planted.v1"
    subject: ClassVar[str] = "tree"
    tree: UUID


class Rotten(DomainError):
    code = "rotten"
    title = "Rotten"


class RottenThrough(Rotten):
    code = "rotten-through"


class Trees(Protocol):
    @query()
    def find(self, at: datetime, *, mode: Mode = "a") -> tuple[Tree, ...]: ...

    @command(errors=(ContactNotFound, Rotten))
    def plant(self, tree: Tree, day: date) -> Colour: ...


def _help(values: Sequence[Any]) -> bool:
    return bool(values) or bool(sys.argv)
"""

#: Code behind a sound contract, and what is said of it.
FAULTS = {
    "a mutable record": (
        "@dataclass\nclass Thawed:\n    value: int",
        "Thawed: Thawed is not frozen",
    ),
    "a list in a record": (
        "@dataclass(frozen=True)\nclass Basket:\n    items: list[int]",
        "Basket: Basket.items: list must not cross a contract",
    ),
    "a mapping in a record": (
        "@dataclass(frozen=True)\nclass Basket:\n    items: dict[str, int]",
        "Basket: Basket.items: dict must not cross a contract",
    ),
    "anything in a record": (
        "@dataclass(frozen=True)\nclass Basket:\n    items: Any",
        "Basket: Basket.items: Any must not cross a contract",
    ),
    "a wrong type far inside": (
        (
            "@dataclass(frozen=True)\nclass Inner:\n    items: tuple[frozenset[object], ...]\n"
            "@dataclass(frozen=True)\nclass Outer:\n    inner: tuple[Inner | None, ...]"
        ),
        "Outer: Outer.inner: Inner.items: object must not cross a contract",
    ),
    "a mapped object": (
        "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...",
        "Base: Base must not cross a contract",
    ),
    "a mapped object in a record": (
        (
            "from sqlalchemy.orm import Session\n"
            "@dataclass(frozen=True)\nclass Box:\n    session: Session"
        ),
        "Box: Box.session: Session must not cross a contract",
    ),
    "an object of a framework": (
        "from sqlalchemy.orm import Session",
        "Session: it is of sqlalchemy.orm.session, which is no contract",
    ),
    "a plain class": ("class Plain: ...", "Plain: Plain must not cross a contract"),
    "a named tuple": (
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    one: int",
        "Pair: Pair must not cross a contract",
    ),
    "a function": (
        "def tidy(text: str) -> str:\n    return text.strip()",
        "tidy: it is a function; a contract offers methods of Protocols",
    ),
    "a function without a name": (
        "tidy = lambda text: text",
        "tidy: it is a function; a contract offers methods of Protocols",
    ),
    "a constant list": ("NUMBERS = [1, 2]", "NUMBERS: a constant of the type list can be changed"),
    "a constant mapping": ("TABLE = {'a': 1}", "TABLE: a constant of the type dict can be changed"),
    "a list in a constant": (
        "NUMBERS = (1, [2])",
        "NUMBERS: a constant of the type tuple can be changed",
    ),
    "a constant object": (
        "import re\nWORD = re.compile('x')",
        "WORD: a constant of the type Pattern can be changed",
    ),
    "an alias of a mapping": (
        "Table = dict[str, int]",
        "Table: dict must not cross a contract",
    ),
    "an alias of a bare class": ("Table = dict", "Table: it is of builtins, which is no contract"),
    "an alias of a union": (
        "Either = int | list[int]",
        "Either: list must not cross a contract",
    ),
    "an error that is not declared to be one": (
        "class Odd(ValueError): ...",
        "Odd: it is no DomainError",
    ),
    "an error without a code": (
        "class Odd(DomainError):\n    title = 'Odd'",
        "Odd: it has no `code` or no `title`",
    ),
    "an error that no method declares": (
        "class Odd(DomainError):\n    code, title = 'odd', 'Odd'",
        "Odd: no method declares this error, so it reaches no caller as itself",
    ),
    "an event without a subject": (
        (
            "@dataclass(frozen=True)\nclass Felled(Event):\n    event_type = 'tree.felled.v1'\n"
            "    subject = 'tree'"
        ),
        "Felled: Felled has no field 'tree', its subject",
    ),
    "an event that can be changed": (
        (
            "@dataclass\nclass Felled(Event):\n    tree: UUID\n    event_type = 'tree.felled.v1'\n"
            "    subject = 'tree'"
        ),
        "Felled: Felled is not frozen",
    ),
    "a method without a mark": (
        "class Birds(Protocol):\n    def sing(self) -> None: ...",
        "Birds: sing is not marked @query, @command or @atomic",
    ),
    "a method that gives a mapping": (
        "class Birds(Protocol):\n    @query()\n    def sing(self) -> dict[str, int]: ...",
        "Birds: sing: result: dict must not cross a contract",
    ),
    "an enumeration that cannot be encoded": (
        "class Weight(enum.Enum):\n    LIGHT = 1.5",
        (
            "Weight: Enums must contain either all str or all int values - type `<enum 'Weight'>`"
            " is not supported"
        ),
    ),
    "a type variable": (
        "from typing import TypeVar\nT = TypeVar('T')",
        "T: a constant of the type TypeVar can be changed",
    ),
    "a module": (
        "import sqlalchemy",
        "sqlalchemy: a contract does not offer the module sqlalchemy",
    ),
    "an export of what is only imported": (
        "__all__ += ['Sequence']",
        "Sequence: it is of collections.abc, which is no contract",
    ),
    "what the own package makes elsewhere": (
        "from grove.inside import Twig",
        "Twig: it is of grove.inside, which is no contract",
    ),
}

"""Which changes of public names break those who use them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest

from meishi.testing.surface import name_changes, public_names
from meishi.testing.surface.modules import public_modules

pytestmark = pytest.mark.no_calls

Compare = Callable[[str, str], list[str]]

HEAD = """
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol
import pytest
from meishi.hookspecs import hookspec
from meishi.sdk.contract import DomainError, Event, atomic, command, query
"""
_NUMBERS = count()

#: Code before and after, what is said of the difference, and what breaks.
BREAKING = [
    ("def add(a): ...", "", "add: is gone"),
    ("def add(a): ...", "def added(a): ...", "add: is gone"),
    ("def add(a): ...", "def add(): ...", "add: `a` is gone"),
    ("def add(a): ...", "def add(b): ...", "add: `a` is gone"),
    ("def add(a): ...", "def add(a, b): ...", "add: `b` is new and has to be given"),
    ("def add(a): ...", "def add(a, *, b): ...", "add: `b` is new and has to be given"),
    ("def add(a): ...", "def add(*, a): ...", "add: `a` was positional or keyword, is keyword"),
    ("def add(a, b): ...", "def add(b, a): ...", "its positional parameters have another order"),
    (
        "def add(a, b=1): ...",
        "def add(a, c=1, b=1): ...",
        "a new parameter stands before those given by place",
    ),
    ("def add(a=1): ...", "def add(a=2): ...", "add: `a` is 2 by default, and was 1"),
    ("def add(a=1): ...", "def add(a): ...", "add: `a` has to be given, and was 1"),
    ("def add(a: int): ...", "def add(a: str): ...", "add: `a` was `int`, is `str`"),
    ("def add(a: int | None): ...", "def add(a: int): ...", "add: `a` was `int | None`, is `int`"),
    ("def add() -> int: ...", "def add() -> int | None: ...", "returned `int`, returns"),
    ("def add(): ...", "async def add(): ...", "was marked ``, is marked `async`"),
    ("def add(): ...", "class add: ...", "was `def()`, is `class`"),
    ("class A(Event): ...", "class A: ...", "A: is no Event any more"),
    ("class A:\n    b: int", "class A:\n    c: int", "A.b: is gone"),
    ("class A:\n    b: int", "class A:\n    b: str", "A.b: was `int`, is `str`"),
    ("MOST = 5", "MOST = 4", "MOST: was 5, is 4"),
    (
        "class A(StrEnum):\n    B = 'b'\n    C = 'c'",
        "class A(StrEnum):\n    B = 'b'",
        "A.C: is gone",
    ),
    ("class A(StrEnum):\n    B = 'b'", "class A(StrEnum):\n    B = 'x'", "A.B: was 'b', is 'x'"),
    (
        "class A(DomainError):\n    status = 404",
        "class A(DomainError):\n    status = 409",
        "A.status: was 404, is 409",
    ),
    (
        "@dataclass(frozen=True)\nclass A:\n    b: int",
        "@dataclass(frozen=True)\nclass A:\n    b: int\n    c: int",
        "A.__init__: `c` is new and has to be given",
    ),
    (
        "@dataclass(frozen=True)\nclass A:\n    b: int",
        "@dataclass(frozen=True)\nclass A:\n    b: int | None",
        "A.__init__: `b` was `int`, is `int | None`",
    ),
    (
        "class P(Protocol):\n    @query()\n    def get(self) -> int: ...",
        "class P(Protocol):\n    @atomic()\n    def get(self) -> int: ...",
        "P.get: was marked `query()`, is marked `atomic()`",
    ),
    (
        "class P(Protocol):\n    @query()\n    def get(self) -> int: ...",
        "class P(Protocol):\n    @query(errors=(Gone,))\n    def get(self) -> int: ...",
        "P.get: may end with Gone, which callers do not expect",
    ),
    (
        "class H:\n    @hookspec\n    def parts(self, a) -> int: ...",
        "class H:\n    @hookspec\n    def parts(self) -> int: ...",
        "H.parts: `a` is gone",
    ),
    (
        "class H:\n    @hookspec\n    def parts(self) -> int | None: ...",
        "class H:\n    @hookspec\n    def parts(self) -> int: ...",
        "H.parts: returned `int | None`, returns `int`",
    ),
    ("@pytest.fixture\ndef a() -> int: ...", "", "a: is gone"),
    (
        "@pytest.fixture(scope='session')\ndef a() -> int: ...",
        "@pytest.fixture\ndef a() -> int: ...",
        "was `fixture(scope='session') -> int`, is `fixture -> int`",
    ),
]
COMPATIBLE = [
    ("", "def add(a): ...", "add: is new"),
    ("def add(a): ...", "def add(a, b=1): ...", "add: `b` is new"),
    ("def add(a): ...", "def add(a=1): ...", "add: `a` may be left out"),
    ("def add(*, a): ...", "def add(a): ...", "`a` was keyword, is positional or keyword"),
    ("def add(a: int): ...", "def add(a: int | str): ...", "`a` was `int`, is `int | str`"),
    ("def add() -> int | None: ...", "def add() -> int: ...", "returned `int | None`"),
    ("class A: ...", "class A(Event): ...", "A: is a Event now"),
    (
        "class A(StrEnum):\n    B = 'b'",
        "class A(StrEnum):\n    B = 'b'\n    C = 'c'",
        "A.C: is new",
    ),
    (
        "@dataclass(frozen=True)\nclass A:\n    b: int",
        "@dataclass(frozen=True)\nclass A:\n    b: int\n    c: int = 0",
        "A.__init__: `c` is new",
    ),
    (
        "class P(Protocol): ...",
        "class P(Protocol):\n    @query()\n    def get(self) -> int: ...",
        "P.get: is new",
    ),
    (
        "class P(Protocol):\n    @query(errors=(Gone, Lost))\n    def get(self) -> int: ...",
        "class P(Protocol):\n    @query(errors=(Lost,))\n    def get(self) -> int: ...",
        "P.get: does not end with Gone any more",
    ),
    (
        "class H:\n    @hookspec\n    def parts(self) -> int: ...",
        "class H:\n    @hookspec\n    def parts(self, a) -> int: ...",
        "H.parts: `a` is new",
    ),
    (
        "class H:\n    @hookspec\n    def parts(self) -> int: ...",
        "class H:\n    @hookspec\n    def parts(self) -> int | None: ...",
        "H.parts: returned `int`, returns `int | None`",
    ),
]
UNNOTICED = [
    ("def add(a): ...", "def add(a):\n    '''Add.'''\n    return a"),
    ("def _add(a): ...", ""),
    ("@pytest.fixture\ndef a(b): ...", "@pytest.fixture\ndef a(c): ..."),
    (
        "class A(DomainError):\n    title = 'Gone'",
        "class A(DomainError):\n    title = 'Not there'",
    ),
    (
        "class H:\n    @hookspec\n    def parts(self, a) -> int: ...",
        "class H:\n    @hookspec(warn_on_impl_args={'a': OLD})\n    def parts(self, a) -> int: ...",
    ),
    ("__all__ = ['b']\ndef a(): ...\ndef b(): ...", "__all__ = ['b']\ndef b(): ..."),
]


@pytest.fixture
def changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Return what becomes of one module's text when it is another's."""
    monkeypatch.syspath_prepend(tmp_path)

    def described(text: str, name: str) -> dict[str, str]:
        (tmp_path / f"{name}.py").write_text(f"{HEAD}\n{dedent(text)}\n", "utf-8")
        return {path.replace(name, "m"): line for path, line in public_names(name, (name,)).items()}

    def compared(old: str, new: str) -> list[str]:
        names = f"surface_{next(_NUMBERS)}", f"surface_{next(_NUMBERS)}"
        return [
            str(item) for item in name_changes(described(old, names[0]), described(new, names[1]))
        ]

    return compared


@pytest.mark.parametrize(("old", "new", "said"), BREAKING)
def test_what_users_have_to_follow_is_breaking(
    changes: Compare, old: str, new: str, said: str
) -> None:
    """The line names the object, what has become of it, and that it breaks."""
    found = [line for line in changes(old, new) if line.startswith("breaking: m.")]
    assert [line for line in found if said in line], found


@pytest.mark.parametrize(("old", "new", "said"), COMPATIBLE)
def test_what_users_can_overlook_is_compatible(
    changes: Compare, old: str, new: str, said: str
) -> None:
    """The only line names it as new."""
    (line,) = changes(old, new)
    assert line.startswith("new: m.")
    assert said in line


@pytest.mark.parametrize(("old", "new"), UNNOTICED)
def test_what_is_nobodys_affair_is_no_change(changes: Compare, old: str, new: str) -> None:
    """Bodies, private names, titles and what a fixture asks for can be changed freely."""
    assert changes(old, new) == []


def test_the_names_of_the_host_are_described_without_importing_it() -> None:
    """Records, hooks, fixtures and contracts are there, each with what its users must know."""
    modules = public_modules()["meishi"]
    assert {"meishi.hookspecs", "meishi.sdk.http", "meishi.core.operations.contract"} <= {*modules}
    names = public_names("meishi", modules)
    assert names["meishi.hookspecs.Hooks.routes"] == "hook def(self) -> Sequence[Blueprint]"
    assert names["meishi.testing.fixtures.client"] == "fixture -> FlaskClient"
    assert names["meishi.sdk.contract.Document.__init__"] == "fields(*, version: int, body: bytes)"
    assert names["meishi.sdk.plugin.Permission"] == "class"
    assert "meishi.testing.types.Host.scope" not in names

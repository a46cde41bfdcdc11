"""Rules for a single value of a declaration: each returns what is wrong with it, or nothing.

What is returned continues a sentence that begins with the field: `name` must be a text, not 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[[Any], str]


def text(pattern: re.Pattern[str] | None = None) -> Rule:
    """Return the rule of a text, in a given form."""

    def rule(value: object) -> str:
        if not isinstance(value, str):
            return f"must be a text, not {value!r}"
        if pattern is not None and not pattern.fullmatch(value):
            return f"must match {pattern.pattern}: {value!r}"
        return ""

    return rule


def whole_number(low: int, high: int) -> Rule:
    """Return the rule of a whole number between two others, both allowed."""

    def rule(value: object) -> str:
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if right else f"must be a whole number from {low} to {high}, not {value!r}"

    return rule


def number(low: float, high: float) -> Rule:
    """Return the rule of a number between two others, both allowed."""

    def rule(value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return ""
        return f"must be a number from {low:g} to {high:g}, not {value!r}"

    return rule


def function(value: object) -> str:
    """Allow what can be called."""
    return "" if callable(value) else f"must be callable, not {value!r}"


def member(kind: type) -> Rule:
    """Return the rule of an object of a class."""

    def rule(value: object) -> str:
        right = isinstance(value, kind)
        return "" if right else f"must be of {kind.__qualname__}, not {value!r}"

    return rule


def subclass(kind: type) -> Rule:
    """Return the rule of a class that derives from another."""

    def rule(value: object) -> str:
        right = isinstance(value, type) and issubclass(value, kind)
        return "" if right else f"must be a {kind.__qualname__} class, not {value!r}"

    return rule


def optional(inner: Rule) -> Rule:
    """Return a rule that allows None as well."""
    return lambda value: "" if value is None else inner(value)


def several(inner: Rule) -> Rule:
    """Return the rule of a list, or a set, whose items keep a rule."""

    def rule(value: object) -> str:
        if not isinstance(value, list | tuple | set | frozenset):
            return f"must be a list, not {value!r}"
        wrong = next((fault for fault in map(inner, value) if fault), "")
        return wrong and f"holds an item that {wrong}"

    return rule


def table(key: Rule, item: Rule) -> Rule:
    """Return the rule of a mapping whose keys and values keep rules."""

    def rule(value: object) -> str:
        if not isinstance(value, Mapping):
            return f"must be a mapping, not {value!r}"
        wrong = next((fault for fault in map(key, value) if fault), "")
        if wrong:
            return f"has a key that {wrong}"
        wrong = next((fault for fault in map(item, value.values()) if fault), "")
        return wrong and f"has a value that {wrong}"

    return rule

"""Which declared errors an operation may end with: those of the contract methods that it calls.

It is read from the code of the view and of the functions that it calls in its own package and in
the host: calls of `service(Contract).method(...)`, whether or not the service has a name, and
errors that are raised on the spot.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from inspect import getsource, unwrap
from textwrap import dedent
from types import FunctionType
from typing import Any

from meishi.sdk.context import service
from meishi.sdk.contract import RULE_ATTRIBUTE, DomainError

_HOST = "meishi"


def declared_errors(view: Callable[..., Any]) -> set[type[DomainError]]:
    """Return the declared errors of everything that a view calls."""
    found: set[type[DomainError]] = set()
    seen: set[FunctionType] = set()
    waiting = [unwrap(view)]
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        reader = _Reader(function)
        found |= reader.errors
        waiting += [called for called in reader.called if _is_followed(called, view)]
    return found


class _Reader(ast.NodeVisitor):
    """Reads the errors of one function, and which functions it calls."""

    def __init__(self, function: FunctionType) -> None:
        self.errors: set[type[DomainError]] = set()
        self.called: list[FunctionType] = []
        self._names = function.__globals__
        self._services: dict[str, object] = {}
        try:
            tree = ast.parse(dedent(getsource(function)))
        except (OSError, TypeError, SyntaxError):
            return  # there is no source to read
        self.visit(tree)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember the name that a service is given."""
        contract = self._contract(node.value)
        for target in node.targets:
            if contract is not None and isinstance(target, ast.Name):
                self._services[target.id] = contract
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Collect the errors of a service's method, called or handed on."""
        rule = getattr(getattr(self._contract(node.value), node.attr, None), RULE_ATTRIBUTE, None)
        if rule is not None:
            self.errors.update(rule.errors)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Collect an error that is raised on the spot."""
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        error = self._value(raised)
        if isinstance(error, type) and issubclass(error, DomainError):
            self.errors.add(error)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note a function, called or handed on."""
        value = self._value(node)
        if isinstance(value, FunctionType):
            self.called.append(value)

    def _contract(self, node: ast.expr) -> object:
        """Return the Protocol whose service an expression is, if it is one."""
        if isinstance(node, ast.Name):
            return self._services.get(node.id)
        if isinstance(node, ast.Call) and self._value(node.func) is service and node.args:
            return self._value(node.args[0])
        return None

    def _value(self, node: ast.expr | None) -> Any:
        return self._names.get(node.id) if isinstance(node, ast.Name) else None


def _is_followed(function: FunctionType, view: Callable[..., Any]) -> bool:
    """Whether a function is of the view's package, or one that the host offers to views."""
    own = unwrap(view).__module__.partition(".")[0]
    return function.__module__.partition(".")[0] in {own, _HOST} and function is not service

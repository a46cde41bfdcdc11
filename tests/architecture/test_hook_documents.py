"""What an author reads about a hook is what the host does with it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from meishi.declarations import __all__ as declarations
from meishi.hookspecs import Hooks
from meishi.lifecycle.unserved import is_served

pytestmark = pytest.mark.no_calls

TEXT = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
HOOKS = [name for name, _ in inspect.getmembers(Hooks, inspect.isfunction)]


def part(heading: str) -> str:
    """Return a part of the document, from its heading to the next of its rank."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## )", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def section(hook: str) -> str:
    """Return what stands under the heading of a hook."""
    found = re.search(rf"^### `{hook}\(.*?\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("hook", HOOKS)
def test_the_documents_say_whether_a_hook_is_served(hook: str) -> None:
    """Each stands in the part that its state asks for."""
    heading = "Hooks" if is_served(hook) else "Hooks that are not served yet"
    assert f"\n### `{hook}(" in part(heading)
    assert "Not served yet" not in section(hook)


@pytest.mark.parametrize("name", sorted(set(declarations) - {"DeliveryMode"}))
def test_every_declaration_is_mentioned(name: str) -> None:
    """An author finds each record and each choice beside the hook that it is for."""
    assert re.search(rf"\b{name}\b", part("Hooks") + part("Hooks that are not served yet"))

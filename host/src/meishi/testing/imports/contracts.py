"""The contracts of import-linter, generated from the manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from importlinter import Contract
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

import meishi
from meishi.testing.imports.parts import ENTRIES, RULES, STORAGE, PluginPackage

HOST = "meishi"
SDK = "meishi.sdk"
PURE_SDK = "meishi.sdk.contract"
WEB = ("flask", "flask_smorest", "marshmallow", "webargs", "werkzeug")
DATABASE = ("alembic", "psycopg", "sqlalchemy")
NO_PLUGIN = "the host never imports a plugin; it calls hooks and contracts"

#: Imports inside the host that close a circle of packages, and why each may stay.
HOST_EXCEPTIONS = (
    # The one module without imports: it may be known everywhere.
    f"** -> {PURE_SDK}",
    # The host's own parts are plugins too: they are written against the SDK ...
    f"{HOST}.**.plugin -> {SDK}.*",
    f"{HOST}.**.pages -> {SDK}.*",
    f"{HOST}.**.pages.** -> {SDK}.*",
    f"{HOST}.**.routes -> {SDK}.*",
    f"{HOST}.**.routes.** -> {SDK}.*",
    f"{HOST}.**.schemas -> {SDK}.http",
    f"{HOST}.**.schemas.** -> {SDK}.http",
    # ... and used, like all plugins, by their contracts.
    f"** -> {HOST}.core.*.contract",
    # Annotations of what a scope carries, and of what it is made by.
    f"{HOST}.context -> {HOST}.database.unit_of_work",
    # The steps of plugins at an upgrade run in a host, which is made for them there.
    f"{HOST}.lifecycle.installation -> {HOST}.host",
    # The names of the host's commands, in a module that imports nothing.
    f"{HOST}.lifecycle.registrations -> {HOST}.command",
    # What the hook `routes` returns: a declaration, though it stands with the web.
    f"{HOST}.** -> {HOST}.http.blueprint",
    # Events are written in the transaction that they speak of, as its last statement.
    f"{HOST}.database.ending -> {HOST}.events.log",
    # The log's rights are narrower than those of other tables: it is insert-only.
    f"{HOST}.database.reconciliation -> {HOST}.events.log",
    # The demo drives the command line from outside, and is a command itself.
    f"{HOST}.command.demo -> {HOST}.demo.*",
    # What authors test their plugins with is a command, too.
    f"{HOST}.command.conformance -> {HOST}.testing.**",
)


def contracts(packages: Sequence[PluginPackage]) -> Iterator[Contract]:
    """Yield every contract that the packages and the host have to keep to."""
    roots = sorted({HOST, *(package.root for package in packages)})
    outside = [package for package in packages if package.root != HOST]
    if outside:
        yield _forbidden(
            NO_PLUGIN,
            _everything(HOST),
            [name for package in outside for name in _everything(package.name)],
        )
    yield _free(f"{PURE_SDK} is free of frameworks, directly and indirectly", [PURE_SDK])
    for package in packages:
        yield from _of_package(package, packages)
    yield _acyclic(roots)


def _of_package(package: PluginPackage, packages: Sequence[PluginPackage]) -> Iterator[Contract]:
    yield _protected(package)
    yield _host_by_sdk(package)
    strangers = [
        contract
        for other in packages
        if other is not package and not package.manifest.names(other.manifest.name)
        for contract in other.modules("contract")
    ]
    if strangers:
        yield _forbidden(
            f"[requires] in plugin.toml of {package.manifest.name} must name a plugin "
            "whose contract is imported, or [after] one whose hooks are implemented",
            _everything(package.name),
            strangers,
        )
    yield LayersContract(
        f"in {package.name} imports point down: {' > '.join(package.layers())}",
        {"root_packages": [package.root]},
        {"containers": [package.name], "layers": [*package.layers()], "exhaustive": "true"},
    )
    yield from _of_modules(package)


def _of_modules(package: PluginPackage) -> Iterator[Contract]:
    """Yield what each kind of module must do without."""
    entries, rules = package.modules(*ENTRIES), package.modules(*RULES)
    shapes = package.modules("schemas", "settings")
    pure = package.modules(*package.pure_modules())
    sdk = [f"{SDK}.{name}" for name in _modules_beside(SDK) if f"{SDK}.{name}" != PURE_SDK]
    yield _free(
        "a contract is free of frameworks, directly and indirectly", package.modules("contract")
    )
    for rule, sources, targets in (
        (
            "entries reach the service through its contract, resolved by `service(...)`",
            [*entries, *shapes],
            [*package.modules(*RULES, *STORAGE)],
        ),
        ("SQL stands in repository, rows and models", [*entries, *shapes, *rules], DATABASE),
        ("the service knows nothing of HTTP", [*rules, *package.modules(*STORAGE)], WEB),
        (
            f"a module without a part of its own is pure: of the host it knows {PURE_SDK} only",
            pure,
            [*WEB, *DATABASE, *sdk],
        ),
    ):
        if sources and targets:
            yield _forbidden(rule, sources, targets, whole=True)


def _protected(package: PluginPackage) -> Contract:
    contract = f"{package.name}.contract"
    return ProtectedContract(
        f"of another plugin, import the contract only: {contract}",
        {},
        {
            "protected_modules": _everything(package.name),
            "allowed_importers": _everything(package.name),
            "ignore_imports": [f"** -> {contract}", f"** -> {contract}.**"],
            "unmatched_ignore_imports_alerting": "none",
            "as_packages": "false",
        },
    )


def _host_by_sdk(package: PluginPackage) -> Contract:
    """Return the contract for the host's insides; contracts of its plugins have their own."""
    inside = [name for name in _modules_beside(HOST) if name not in {"sdk", "core"}]
    return _forbidden(
        f"of the host, import {SDK} only",
        _everything(package.name),
        [HOST, *(pattern for name in inside for pattern in _everything(f"{HOST}.{name}"))],
    )


def _acyclic(roots: Iterable[str]) -> Contract:
    return AcyclicSiblingsContract(
        "modules beside each other must not import each other in a circle",
        {},
        {
            "ancestors": [*roots],
            "ignore_imports": [*HOST_EXCEPTIONS],
            "unmatched_ignore_imports_alerting": "warn",
        },
    )


def _forbidden(
    rule: str, sources: Sequence[str], targets: Sequence[str], *, whole: bool = False
) -> Contract:
    """Return a contract for direct imports; `whole` takes modules together with their parts."""
    return ForbiddenContract(
        rule,
        _session([*sources, *targets]),
        {
            "source_modules": [*sources],
            "forbidden_modules": [*targets],
            "allow_indirect_imports": "true",
            "as_packages": str(whole).lower(),
        },
    )


def _free(rule: str, sources: Sequence[str]) -> Contract:
    return ForbiddenContract(
        rule,
        _session(sources),
        {"source_modules": [*sources], "forbidden_modules": [*WEB, *DATABASE]},
    )


def _session(modules: Iterable[str]) -> dict[str, Any]:
    """Return the options by which a contract tells our own packages from foreign ones."""
    roots = sorted({name.partition(".")[0] for name in modules} - {*WEB, *DATABASE})
    return {"root_packages": roots, "include_external_packages": "true"}


def _everything(package: str) -> list[str]:
    return [package, f"{package}.**"]


def _modules_beside(package: str) -> list[str]:
    """Return the names of the modules in a package of the host."""
    folder = Path(meishi.__file__).parent.joinpath(*package.split(".")[1:])
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    return sorted(modules | {file.parent.name for file in folder.glob("*/__init__.py")})

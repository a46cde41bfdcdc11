"""Every way to cross a boundary between packages, and what the check must say of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Violation:
    """Code added to a module, and what the line of the report about it must say."""

    module: str
    code: str
    imported: str
    rule: str


VIOLATIONS = {
    "a peer's inside": Violation(
        "qr.service", "from crm_contacts import repository as peer",
        "crm_contacts.repository", "import the contract only: crm_contacts.contract",
    ),
    "a peer's package": Violation(
        "qr.models", "import crm_contacts", "crm_contacts", "import the contract only",
    ),
    "under TYPE_CHECKING": Violation(
        "crm_graph.plugin",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import crm_contacts.models",
        "crm_contacts.models", "import the contract only",
    ),
    "inside a function": Violation(
        "crm_viral.plugin", "def late() -> None:\n    import qr.drawing",
        "qr.drawing", "import the contract only",
    ),
    "by name at run time": Violation(
        "crm_enrichment.plugin", "import importlib\nimportlib.import_module('qr.drawing')",
        "qr.drawing", "import the contract only",
    ),
    "by a computed name": Violation(
        "qr.rendering", "import importlib\nimportlib.import_module(__name__)",
        "", "do not compute it",
    ),
    "a requirement that is not declared": Violation(
        "crm_contacts.service.contacts", "import qr.contract",
        "qr.contract", "[requires] in plugin.toml of crm_contacts",
    ),
    "a package that nobody declares": Violation(
        "crm_contacts.repository.reading", "import stray", "stray", "[dependencies] of",
    ),
    "the host's inside": Violation(
        "qr.repository", "from meishi.context import current_scope",
        "meishi.context", "of the host, import meishi.sdk only",
    ),
    "the host's package": Violation(
        "qr.schemas", "from meishi import __version__",
        "meishi", "of the host, import meishi.sdk only",
    ),
    "the host on a plugin": Violation(
        "meishi.logs", "import qr.contract", "qr.contract", "the host never imports a plugin",
    ),
    "a built-in part's inside": Violation(
        "meishi.http.edge", "from meishi.core.identity import repository",
        "meishi.core.identity.repository", "import the contract only",
    ),
    "upwards in a package": Violation(
        "crm_contacts.models", "import crm_contacts.repository",
        "crm_contacts.repository", "in crm_contacts imports point down",
    ),
    "from an entry to the service": Violation(
        "qr.routes", "import qr.repository", "qr.repository", "resolved by `service(...)`",
    ),
    "SQL outside of the repository": Violation(
        "crm_contacts.importing", "import sqlalchemy", "sqlalchemy", "SQL stands in repository",
    ),
    "HTTP in the service": Violation(
        "crm_contacts.normalisation", "import flask", "flask", "is pure",
    ),
    "an unknown module with a framework": Violation(
        "crm_graph.unknown", "import sqlalchemy", "sqlalchemy", "is pure",
    ),
    "a contract with a framework": Violation(
        "crm_enrichment.contract", "import flask", "flask", "a contract is free of frameworks",
    ),
    "a contract with a framework behind it": Violation(
        "crm_viral.contract", "import crm_viral.behind",
        "crm_viral.behind (which leads to marshmallow)", "a contract is free of frameworks",
    ),
    "a circle in a package": Violation(
        "qr.symbol", "import qr.drawing", "qr.drawing", "in a circle",
    ),
    "a circle in the host": Violation(
        "meishi.host", "import meishi.app", "meishi.app", "in a circle",
    ),
    "a test of a peer's inside": Violation(
        "qr/tests/test_peer.py", "import crm_contacts.matching",
        "crm_contacts.matching", "import the contract only",
    ),
    "a folder that is no package": Violation(
        "crm_graph.loose.module", "", "", "needs an __init__.py",
    ),
    "a manifest that cannot be read": Violation(
        "without_manifest", "", "", "plugin.toml is missing",
    ),
    "plugins that require each other": Violation(
        "first_of_two", "", "", "requires go in a circle",
    ),
    "one of both that require each other": Violation(
        "second_of_two", "import first_of_two.contract", "", "requires go in a circle",
    ),
    "under another name": Violation(
        "crm_graph.star", "from crm_contacts.repository import *",
        "crm_contacts.repository", "import the contract only",
    ),
    "a star of the host's inside": Violation(
        "crm_graph.star_of_host", "from meishi.database.engine import *",
        "meishi.database.engine", "of the host, import meishi.sdk only",
    ),
    "upwards by a relative import": Violation(
        "crm_contacts.rows", "from . import service", "crm_contacts.service", "imports point down",
    ),
    "upwards by a relative import of a name": Violation(
        "crm_contacts.repository.text", "from ..importing import anything",
        "crm_contacts.importing", "imports point down",
    ),
    "a peer in the package's own module": Violation(
        "qr", "import crm_contacts.matching", "crm_contacts.matching", "import the contract only",
    ),
    "an import in the package's own module": Violation(
        "crm_graph", "from crm_graph import plugin",
        "crm_graph.plugin", "it is run with every import of the contract",
    ),
    "a peer in a hook": Violation(
        "crm_enrichment.plugin", "from qr import drawing", "qr.drawing", "import the contract only",
    ),
    "a peer in a revision": Violation(
        "qr.migrations.versions.0001_cards", "import crm_contacts.models",
        "crm_contacts.models", "import the contract only",
    ),
    "a revision that knows its package": Violation(
        "qr.migrations.versions.0002_public_pages", "from qr import models",
        "qr.models", "in qr imports point down",
    ),
    "a conftest of a peer's inside": Violation(
        "qr/tests/conftest.py", "def late() -> None:\n    from crm_contacts.repository import *",
        "crm_contacts.repository.*", "import the contract only",
    ),
    "a test by name": Violation(
        "qr/tests/test_by_name.py", "import importlib as i\ni.import_module('meishi.host')",
        "meishi.host", "of the host, import meishi.sdk only",
    ),
    "the host on a contract, late": Violation(
        "meishi.http.lists", "def late() -> None:\n    import crm_contacts.contract",
        "crm_contacts.contract", "the host never imports a plugin",
    ),
    "the host on a plugin, for annotations": Violation(
        "meishi.processes",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from qr import service",
        "qr.service", "the host never imports a plugin",
    ),
    "the host on a plugin, by name": Violation(
        "meishi.serving", "import importlib\nimportlib.import_module('qr.contract')",
        "qr.contract", "the host never imports a plugin",
    ),
    "a built-in part on a plugin": Violation(
        "meishi.core.identity.service", "from qr.contract import Cards",
        "qr.contract", "the host never imports a plugin",
    ),
    "a built-in part on a plugin, late": Violation(
        "meishi.core.identity.models", "def late() -> None:\n    import qr.contract",
        "qr.contract", "the host never imports a plugin",
    ),
    "a built-in part on a plugin, by name": Violation(
        "meishi.core.identity.repository", "__import__('qr.contract')",
        "qr.contract", "the host never imports a plugin",
    ),
    "a circle of three modules": Violation(
        "crm_graph.circle_c", "import crm_graph.circle_a", "crm_graph.circle_a", "in a circle",
    ),
}  # fmt: skip

#: What stands in further modules, to which violations lead.
BEHIND = {
    "crm_viral.behind": "import marshmallow",
    "crm_graph.circle_a": "import crm_graph.circle_b",
    "crm_graph.circle_b": "import crm_graph.circle_c",
}

#: A plugin that has every module, so that each boundary between its layers can be crossed.
LAYERED = "layered"

#: Modules from what knows most to what knows least: each must not know the one before it.
ORDER = (
    "plugin", "routes", "schemas", "service", "importing", "repository", "rows", "models",
    "arithmetic", "contract",
)  # fmt: skip
#: Modules beside each other.
BESIDE = (
    ("routes", "pages"), ("pages", "subscribers"), ("subscribers", "cli"), ("cli", "routes"),
    ("settings", "schemas"), ("schemas", "settings"), ("migrations", "contract"),
)  # fmt: skip


def upwards(importer: str, imported: str) -> Violation:
    """Return an import inside of a package that does not point down."""
    code = f"import {LAYERED}.{imported}"
    if importer == "migrations":
        importer = "migrations.versions.layered_0001"
    rule = f"in {LAYERED} imports point down"
    return Violation(f"{LAYERED}.{importer}", code, f"{LAYERED}.{imported}", rule)


VIOLATIONS |= {
    f"{lower} on {upper}": upwards(lower, upper) for upper, lower in (*pairwise(ORDER), *BESIDE)
}

#: How else a module can be had by its name; each is the body of a module of its own.
BY_NAME = (
    "import importlib as i\ni.import_module('qr.drawing')",
    "from importlib import import_module as load\nload('qr.drawing')",
    "import importlib\nimportlib.import_module(name='qr.drawing')",
    "import importlib\nimportlib.import_module('.drawing', 'qr')",
    "import importlib\nimportlib.import_module('..drawing', package='qr.service')",
    "import importlib\nimportlib.__import__('qr.drawing')",
    "__import__('qr.drawing')",
    "import builtins\nbuiltins.__import__('qr.drawing')",
    "import importlib.util\nimportlib.util.find_spec('qr.drawing')",
    "from importlib.util import find_spec as find\nfind('qr.drawing')",
    "from importlib import util\nutil.find_spec('qr.drawing')",
    "import pkgutil\npkgutil.resolve_name('qr.drawing:draw')",
    "import runpy\nrunpy.run_module('qr.drawing')",
    "import sys\nsys.modules['qr.drawing']",
    "from sys import modules as loaded\nloaded['qr.drawing']",
    "import sys\ndef late() -> object:\n    return sys.modules.get('qr.drawing')",
)
#: The same where it cannot be told which module it is.
COMPUTED = (
    "import importlib\nload = importlib.import_module\nload('qr.drawing')",
    "import importlib\ngetattr(importlib, 'import_module')('qr.drawing')",
    "import importlib\nimportlib.import_module(f'{__name__}.x')",
    "import sys\nloaded = sys.modules\nloaded['qr.drawing']",
    "import sys\nsys.modules[__name__]",
    "from functools import partial\nimport importlib\npartial(importlib.import_module, 'qr')",
)
FROM_FILE = (
    "from importlib.util import spec_from_file_location as spec\nspec('qr.drawing', 'drawing.py')",
    "import runpy\nrunpy.run_path('qr/drawing.py')",
    "from importlib.machinery import SourceFileLoader\nSourceFileLoader('qr.drawing', 'x.py')",
)

VIOLATIONS |= {
    code.partition("\n")[2] or code: Violation(f"crm_graph.{kind}_{number}", code, imported, rule)
    for kind, codes, imported, rule in (
        ("by_name", BY_NAME, "qr.drawing", "import the contract only: qr.contract"),
        ("computed", COMPUTED, "", "name the module, do not compute it"),
        ("from_file", FROM_FILE, "", "by its name, not from its file"),
    )
    for number, code in enumerate(codes)
}

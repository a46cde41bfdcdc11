"""Applications with a throw-away plugin that says how it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.settings import BootPolicy, Settings
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.packages import PluginPackages, plugin_packages

#: A plugin's module, of which a test knows the variables.
PREAMBLE = """
import threading
from meishi.sdk.contract import DomainError
from meishi.sdk.plugin import *
asked = []
going_on = threading.Event()
"""

TOKEN = "a-token-for-prometheus"

Boot = Callable[..., Flask]


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path / "packages") as found:
        yield found


@pytest.fixture
def boot(packages: PluginPackages, meishi_settings: Settings, database: Location) -> Iterator[Boot]:
    """Boot an application with a plugin for each text of a `plugin.py`, faulty ones too."""
    with ExitStack() as stack:

        def with_plugins(**code: str) -> Flask:
            for name, text in code.items():
                packages.add(name, plugin=PREAMBLE + text, api_prefix=name.replace("_", "-"))
            settings = replace(meishi_settings, plugins=tuple(code), metrics_token=TOKEN)
            app = create_app(settings.with_policy(BootPolicy.DEGRADE), location=database)
            stack.callback(app.extensions["meishi"].close)
            return app

        yield with_plugins
        for name, module in list(sys.modules.items()):
            if name.endswith(".plugin") and hasattr(module, "going_on"):
                module.going_on.set()


@pytest.fixture
def operator(workspace: WorkspaceUnderTest) -> dict[str, str]:
    """Headers of an operator."""
    with workspace.host.scope(workspace=workspace.id):
        tokens = workspace.host.service(Tokens)
        token = tokens.issue(user_id=workspace.owner_id, name="ops", operator=True)
    return {"Authorization": f"Bearer {token.secret}"}


def module(name: str) -> Any:
    """Return the `plugin.py` of a package, as it is loaded."""
    return sys.modules[f"{name}.plugin"]

from __future__ import annotations

import pytest

from meishi.command.deployment import Deployment
from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.host import Host
from meishi.http.mounting import take_out_unservable
from meishi.lifecycle.loading import load_plugins
from meishi.settings import load_settings
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded

PREAMBLE = """
from flask.views import MethodView
from marshmallow import Schema, fields
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, Schemas, hookimpl
blueprint = Blueprint("shop", description="Shop")
read, write = blueprint.requires("read"), blueprint.requires("write")
@hookimpl
def permissions():
    return [Permission(name="read", title="Read"), Permission(name="write", title="Write")]
@hookimpl
def routes():
    return [blueprint]
"""


def view(rule: str, *, name: str = "View", method: str = "get", needs: str = "read") -> str:
    """Return the code of a view that answers with its name."""
    return (
        f"@blueprint.route({rule!r})\nclass {name}(MethodView):\n    @{needs}\n"
        f"    def {method}(self, **_):\n        return {{'view': {name!r}}}\n"
    )


def test_views_on_one_path_are_served_under_their_own_permissions(
    packages: PluginPackages, degraded: Degraded
) -> None:
    """Who may read through one view does not write through its neighbour, nor the other way."""
    code = view("/x", name="Reading") + view("/x", name="Writing", method="post", needs="write")
    packages.add("shop", plugin=PREAMBLE + code, api_prefix="shop")
    with degraded("shop") as app:
        host: Host = app.extensions["meishi"]
        client, workspace = app.test_client(), found_workspace(host, "one")
        for scope, allowed in (("shop.read", "get"), ("shop.write", "post")):
            with host.scope(workspace=workspace.id):
                token = host.calls.get(Tokens).issue(
                    user_id=workspace.owner_id, name=scope, scopes=frozenset({scope})
                )
            headers = {"Authorization": f"Bearer {token.secret}"}
            for method in ("get", "post"):
                answer = client.open("/api/v1/shop/x", method=method, headers=headers)
                assert answer.status_code == (200 if method == allowed else 403)
        document = client.get("/api/openapi.json").json
        assert document is not None
        operations = document["paths"]["/api/v1/shop/x"]
        assert operations["get"]["x-permission"] == "shop.read"
        assert operations["post"]["x-permission"] == "shop.write"


def test_addresses_are_made_whatever_their_parts_are_called(
    packages: PluginPackages, degraded: Degraded
) -> None:
    """A plugin may link to any of its views."""
    packages.add("shop", plugin=PREAMBLE + view("/<rule>/<self>/x"), api_prefix="shop")
    with degraded("shop") as app:
        (rule,) = [one for one in app.url_map.iter_rules() if one.rule.endswith("/x")]
        parts = {"rule": "a", "self": "b"}
        assert app.url_map.bind("").build(rule.endpoint, parts) == "/api/v1/shop/a/b/x"


def states(packages: PluginPackages, code: str) -> dict[str, tuple[str, str]]:
    """Return the states of a shop with this code, of one that needs it, and of a stranger."""
    packages.add("shop", plugin=PREAMBLE + code, api_prefix="shop")
    packages.add("kiosk", requires={"shop": "*"})
    packages.add("store", plugin=PREAMBLE.replace("shop", "store"), api_prefix="store")
    names = ("shop", "kiosk", "store")
    plugins = load_plugins(load_settings(environment={}, overrides={"plugins": names}))
    take_out_unservable(plugins)
    found = {name: plugins.statuses[name] for name in names}
    return {name: (status.state.value, status.reason) for name, status in found.items()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (view("/<a>", name="A", needs="write"), view("/<string:b>", name="B")),
        (view("/x", name="A", needs="write"), view("/x", name="B", method="head")),
    ],
)
def test_the_same_method_twice_on_one_path_is_refused(
    packages: PluginPackages, first: str, second: str
) -> None:
    """Which of two views answers, and under whose permission, is never left to chance."""
    state, reason = states(packages, first + second)["shop"]
    assert state == "broken"
    assert reason.endswith("is declared twice")


def test_classes_of_one_name_are_different_views(packages: PluginPackages) -> None:
    """A class may be called like another one, and serve several paths."""
    code = view("/a") + view("/b") + "blueprint.route('/c')(View)\n"
    assert states(packages, code)["shop"] == ("active", "")


WRONG = {
    "unknown converter": (view("/<colour:x>"), "LookupError"),
    "malformed rule": (view("/<x"), "ValueError"),
    "no slash": (view("orders"), "must be empty or begin with a slash"),
    "two slashes": (view("//orders"), "has two slashes in a row"),
    "no version": (
        view("/x", method="delete", needs="write"),
        "DELETE /api/v1/shop/x asks for no version: decorate it with preconditions()",
    ),
    "batch of nothing": ("blueprint.batch('', collection=object, item=object)\n", "has no post"),
    "no function": (
        view("/x").replace("    @", "    methods = ['GET', 'POST']\n    @"),
        "POST /api/v1/shop/x has no function",
    ),
    "asynchronous": (view("/x").replace("    def", "    async def"), "is asynchronous"),
    "methods that are none": (view("/x").replace("    @", "    methods = 5\n    @"), "TypeError"),
    "function": (
        "@blueprint.route('/x')\n@read\ndef view():\n    return {}\n",
        "is no MethodView class",
    ),
    "documentation": (view("/x").replace("@read", "@read\n    @blueprint.doc(responses=5)"), ""),
    "no JSON": (view("/x").replace("@read", "@read\n    @blueprint.doc(x=object())"), "TypeError"),
    "unknown schema": (
        "class A(Schema):\n    x = fields.Nested('Nowhere')\n"
        + view("/x").replace("@read", "@read\n    @blueprint.response(200, A)"),
        "Nowhere",
    ),
    "exit": (
        "class Exit:\n    def __iter__(self):\n        raise SystemExit(3)\n"
        + view("/x").replace("    @", "    methods = Exit()\n    @"),
        "SystemExit(3)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_routes_break_their_plugin_and_those_that_need_it(
    packages: PluginPackages, name: str
) -> None:
    """Whatever is wrong with a declared route, all other plugins are unharmed."""
    code, says = WRONG[name]
    found = states(packages, code)
    assert found["shop"][0] == "broken"
    assert says in found["shop"][1]
    assert found["kiosk"][0] == "missing_dependency"
    assert found["kiosk"][1].startswith("skipped: needs shop")
    assert found["store"] == ("active", "")


def test_command_line_and_web_worker_see_the_same_states(
    packages: PluginPackages,
    degraded: Degraded,
    database: Location,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What `meishi plugins` and the check before serving say is what the worker does."""
    packages.add("shop", plugin=PREAMBLE + WRONG["no slash"][0], api_prefix="shop")
    packages.add("kiosk", requires={"shop": "*"})
    with degraded("shop", "kiosk") as app:
        client, host = app.test_client(), app.extensions["meishi"]
        assert client.get("/health").json == {"status": "degraded"}
        assert client.get("/api/v1/contacts").status_code == 401
        worker = host.plugins.statuses
        monkeypatch.chdir(packages.folder)
        deployment = Deployment(
            None,
            environment={
                "MEISHI_DATABASE_URL": database.runtime_url,
                "MEISHI_DEPLOYMENT": host.settings.deployment,
                "MEISHI_PLUGINS": ",".join(host.settings.plugins),
            },
        )
        checked = deployment.host().plugins.statuses
        deployment.close()
    assert worker["shop"].state.value == "broken"
    assert checked == worker

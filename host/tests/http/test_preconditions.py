"""Preconditions: the host asks for them, whatever a view does with them."""

from __future__ import annotations

from meishi.host import Host
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded
from .test_mounting import PREAMBLE

VIEWS = """
@blueprint.route("/careless")
class Careless(MethodView):
    @write
    @blueprint.preconditions()
    @blueprint.response(204)
    def delete(self):
        "Delete without a look at the version."

@blueprint.route("/asked")
class Asked(MethodView):
    @write
    @blueprint.preconditions(required=False)
    @blueprint.response(204)
    def post(self):
        "Do something to whatever version is meant."

@blueprint.route("/free")
class Free(MethodView):
    @write
    @blueprint.unconditional("There is one for everybody.")
    @blueprint.response(204)
    def delete(self):
        "Delete."
"""


def test_a_change_is_refused_without_a_version_unless_its_author_says_why(
    packages: PluginPackages, degraded: Degraded
) -> None:
    """A view that forgets to look is asked for no less; why none is needed can be read."""
    packages.add("shop", plugin=PREAMBLE + VIEWS, api_prefix="shop")
    with degraded("shop") as app:
        host: Host = app.extensions["meishi"]
        client, workspace = app.test_client(), found_workspace(host, "one")
        for method, path, headers, status in (
            ("DELETE", "careless", {}, 428),
            ("DELETE", "careless", {"If-Match": "1"}, 400),
            ("DELETE", "careless", {"If-Match": "*"}, 204),
            ("DELETE", "free", {}, 204),
            ("POST", "asked", {}, 204),
            ("POST", "asked", {"If-Match": ""}, 400),
            ("POST", "asked", {"If-Match": "*"}, 204),
        ):
            answer = client.open(
                f"/api/v1/shop/{path}", method=method, headers=workspace.headers | headers
            )
            assert (path, answer.status_code) == (path, status)
        document = client.get("/api/openapi.json").json
        assert document is not None
        careless, free = (
            document["paths"][f"/api/v1/shop/{path}"]["delete"] for path in ("careless", "free")
        )
        assert {"412", "428"} <= careless["responses"].keys()
        assert free["x-unconditional"] == "There is one for everybody."
        given = document["paths"]["/api/v1/shop/asked"]["post"]["parameters"]
        answers = document["paths"]["/api/v1/shop/asked"]["post"]["responses"].keys()
        assert ("412" in answers, "428" in answers) == (True, False)
        (optional,) = [item for item in given if item.get("name") == "If-Match"]
        assert (optional["required"], "pattern" in optional["schema"]) == (False, True)

from __future__ import annotations

import pytest

from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded

SECRET = "password=hunter2"
PREAMBLE = """
import sys
from flask import Response, abort
from flask.views import MethodView
from meishi.sdk.contract import DomainError
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, hookimpl
from werkzeug.exceptions import BadGateway, HTTPException, InternalServerError
blueprint = Blueprint("shop", description="Shop")
class Unassigned(HTTPException):
    code = 460
class UnassignedServerError(HTTPException):
    code = 560
class Bare(DomainError): ...
class Odd(DomainError):
    code, title, status = "odd", "Odd", "often"
class Successful(Odd):
    status = 200
class Untitled(DomainError):
    code, title = "untitled", None
def wrong_errors():
    error = Odd("password=hunter2", errors=["password=hunter2"])
    error.status = 422
    return error
@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]
@hookimpl
def routes():
    return [blueprint]
@blueprint.route("")
class View(MethodView):
    @blueprint.requires("read")
    def get(self):
        return FAULT
"""
RAISED = {
    "Bare('password=hunter2')": 500,
    "Odd('password=hunter2')": 500,
    "Successful('password=hunter2')": 500,
    "Untitled('password=hunter2')": 500,
    "wrong_errors()": 500,
    "InternalServerError('password=hunter2')": 500,
    "BadGateway('password=hunter2')": 500,
    "UnassignedServerError('password=hunter2')": 500,
    "HTTPException(response=Response('password=hunter2', 418))": 500,
    "InternalServerError(response=Response('password=hunter2', 200))": 500,
    "SystemExit('password=hunter2')": 500,
    "GeneratorExit('password=hunter2')": 500,
    "Unassigned('A colour is needed.')": 400,
}


@pytest.mark.parametrize("fault", RAISED)
def test_whatever_a_view_raises_is_answered_with_a_problem(
    packages: PluginPackages, degraded: Degraded, fault: str
) -> None:
    """An error that is not a declared one is a problem like all, without what it says."""
    code = PREAMBLE.replace("        return FAULT", f"        raise {fault}")
    packages.add("shop", plugin=code, api_prefix="shop")
    with degraded("shop") as app:
        workspace = found_workspace(app.extensions["meishi"], "one")
        answer = app.test_client().get("/api/v1/shop", headers=workspace.headers)
    assert (answer.status_code, answer.mimetype) == (RAISED[fault], "application/problem+json")
    assert answer.json is not None
    assert answer.json["status"] == RAISED[fault]
    assert SECRET not in answer.text

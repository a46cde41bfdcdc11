"""The long work of the bakery, to which its answers lead as operations."""

from __future__ import annotations

from typing import Any

ROUTES = '''
from flask.views import MethodView

from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import accepted

from bakery.contract import Shelf
from bakery.routes import blueprint


@blueprint.route("/batches")
class Batches(MethodView):
    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problem(OperationNotFound)
    def post(self):
        """Have a batch baked."""
        return accepted(service(Operations).get(service(Shelf).bake()))
'''

JOBS = """
from meishi.sdk.plugin import JobResult


def bake(*, trays: int) -> JobResult:
    return JobResult(value={"trays": trays})
"""

TURNS = """
from meishi.context import current_scope
from meishi.sdk.contract import DomainError
from meishi.sdk.database import execute

#: What was switched, where and as whom; and what a test wants to be refused.
TURNED, REFUSED = [], set()


class StillBaking(DomainError):
    code = "still-baking"
    title = "Still baking"


def enabled():
    _turned("enabled")


def disabled():
    _turned("disabled")


def _turned(turn):
    if turn in REFUSED:
        raise StillBaking("There is bread in the oven.")
    ((role,),) = execute("SELECT current_user::text")
    TURNED.append((turn, current_scope().workspace_id, role))
"""

SUPPLIED = """

@hookimpl
def jobs():
    return [Job(name="bake", run=work.bake)]


@hookimpl
def lifecycle():
    return Lifecycle(enabled=turns.enabled, disabled=turns.disabled)


@hookimpl
def cli():
    return click.Group("bakery")
"""

FILES = {"batches.py": ROUTES, "work.py": JOBS, "turns.py": TURNS}

REQUIRED: dict[str, Any] = {"meishi_operations": ">=0.1"}

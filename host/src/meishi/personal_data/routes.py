"""Personal data over HTTP: one's own, and who must not come in again."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from meishi.core.identity.contract import (
    AccountNotFound,
    LastOwner,
    Suppressions,
    TooManyAttempts,
    WrongPassword,
)
from meishi.personal_data.closing import ARCHIVE, ZIP, close_account, own_archive
from meishi.personal_data.schemas import (
    AccountErasureSchema,
    LiftedSuppressionsSchema,
    SuppressedPeopleSchema,
)
from meishi.sdk.context import service
from meishi.sdk.http import Blueprint, file_response
from meishi.sdk.pages import browser

blueprint = Blueprint(
    "personal-data", description="One's own data, and people who must not come in again"
)


@blueprint.route("/own/archive")
class OwnArchive(MethodView):
    """What is known by one's account."""

    @blueprint.requires("export")
    @blueprint.file(ZIP)
    @blueprint.problem(AccountNotFound, "The token is a service's")
    def get(self) -> Response:
        """Take your data along: `report.json`, and an NDJSON for each kind of record."""
        return file_response(own_archive(), ZIP, ARCHIVE)


@blueprint.route("/own/erasure")
class OwnErasure(MethodView):
    """The end of one's account."""

    @blueprint.requires("erase")
    @blueprint.arguments(AccountErasureSchema)
    @blueprint.response(202, description="A worker does it, and a mail says when it is done.")
    @blueprint.problems(AccountNotFound, LastOwner, TooManyAttempts, WrongPassword)
    def post(self, document: dict[str, Any]) -> None:
        """Erase your account for good; all of its sessions end at once.

        What others have noted about you in their contacts is theirs, and stays.
        """
        close_account(document["password"], address=browser().address)


@blueprint.route("/suppressions")
class SuppressionList(MethodView):
    """People who were erased, and must not come back."""

    @blueprint.requires("suppress")
    @blueprint.arguments(SuppressedPeopleSchema)
    @blueprint.response(204)
    def post(self, document: dict[str, Any]) -> None:
        """Keep people from coming into the workspace by imports.

        Only digests of what is sent are kept, so that there is no list to be read.
        """
        service(Suppressions).suppress(**_keys(document))


@blueprint.route("/suppressions:lift")
class LiftedSuppressions(MethodView):
    """People who may come in again."""

    @blueprint.requires("suppress")
    @blueprint.arguments(SuppressedPeopleSchema)
    @blueprint.response(200, LiftedSuppressionsSchema)
    def post(self, document: dict[str, Any]) -> dict[str, int]:
        """Let people come into the workspace again."""
        return {"lifted": service(Suppressions).lift(**_keys(document))}


def _keys(document: dict[str, Any]) -> dict[str, frozenset[str]]:
    return {name: frozenset(document[name]) for name in ("emails", "phones")}

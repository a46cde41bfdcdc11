"""The web API: parse, call the contract, serialise."""

from __future__ import annotations

from flask.views import MethodView

from birthday_reminders.contract import BirthdayPage, Birthdays
from birthday_reminders.schemas import BirthdayPageSchema, BirthdayQuerySchema
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import Blueprint

blueprint = Blueprint("birthdays", description="Birthdays of contacts")


@blueprint.route("")
class BirthdayList(MethodView):
    """All birthdays of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(BirthdayQuerySchema, location="query")
    @blueprint.page(BirthdayPageSchema)
    def get(self, wanted: ListQuery) -> BirthdayPage:
        """List birthdays in the order of the year."""
        after = None if wanted.after is None else wanted.after[0]
        return service(Birthdays).page(
            after=after, limit=wanted.limit, with_total=wanted.with_total
        )

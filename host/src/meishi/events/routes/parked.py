"""What is parked, for operators: looked at, tried again, or never delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.events.operations.errors import (
    InvalidInput,
    NotParked,
    UnknownSubscription,
    WrongState,
)
from meishi.events.operations.heads import (
    discard_all,
    discard_event,
    discard_key,
    retry_all,
    retry_event,
    skip,
)
from meishi.events.operations.parked import ParkedFilter, list_parked, show_parked
from meishi.events.routes.blueprint import answered, blueprint, read_cursor, signed
from meishi.events.routes.operating import operating, verdict
from meishi.events.schemas.parked import (
    EventDiscardedSchema,
    EventRetriedSchema,
    EventSkippedSchema,
    ParkedDetailsQuerySchema,
    ParkedDetailsSchema,
    ParkedDiscardSchema,
    ParkedEventPageSchema,
    ParkedQuerySchema,
    ParkedReasonSchema,
    ParkedRetrySchema,
    ParkedSubscriptionSchema,
)

_PARKED = "parked"


@blueprint.route("/parked")
class ParkedList(MethodView):
    """What failed, and what is held behind it."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedQuerySchema, location="query")
    @blueprint.response(200, ParkedEventPageSchema)
    @blueprint.problems(UnknownSubscription, InvalidInput)
    def get(self, query: dict[str, Any]) -> Response:
        """List events that failed, and those that are held behind them, of all workspaces."""
        after, limit = read_cursor(_PARKED, query.pop("after", None)), query.pop("limit")
        with operating():
            page = list_parked(ParkedFilter(**query), limit=limit, after=after)
        return answered(replace(page, next_after=signed(_PARKED, page.next_after)))


@blueprint.route("/parked/retry")
class ParkedRetry(MethodView):
    """All heads of a kind."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedRetrySchema)
    @blueprint.response(200, EventRetriedSchema)
    @blueprint.problems(UnknownSubscription, NotParked, InvalidInput)
    def post(self, body: dict[str, Any]) -> Response:
        """Try all heads of a subscription again at once, or those of a key, or all that is dead."""
        state = "dead" if body.pop("dead") else None
        with operating():
            if not (body.get("subscription") or state):
                raise InvalidInput("What is to be tried again?", hint="--subscription or --dead.")
            return answered(retry_all(ParkedFilter(**body, state=state)))


@blueprint.route("/parked/discard")
class ParkedDiscard(MethodView):
    """All that is parked of a key, or of a subscription."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedDiscardSchema)
    @blueprint.response(200, EventDiscardedSchema)
    @blueprint.problems(UnknownSubscription, NotParked, WrongState, InvalidInput)
    def post(self, body: dict[str, Any]) -> Response:
        """Never deliver to a subscription what is parked of a key, or anything that is parked."""
        subscription, key, decided = body["subscription"], body.get("key"), verdict(body["reason"])
        with operating():
            if (key is not None) is body["all"]:
                raise InvalidInput("What is to be discarded?", hint="Either --key or --all.")
            if key is None:
                return answered(discard_all(subscription, decided, confirmed=body["yes"]))
            place = body.get("workspace")
            return answered(discard_key(subscription, key, decided, workspace=place))


@blueprint.route("/parked/<uuid:event_id>")
class ParkedItem(MethodView):
    """One parked event."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedDetailsQuerySchema, location="query")
    @blueprint.response(200, ParkedDetailsSchema)
    @blueprint.problems(NotParked, UnknownSubscription)
    @blueprint.problem(WrongState, "Parked in several subscriptions")
    def get(self, query: dict[str, Any], event_id: UUID) -> Response:
        """Return all about a parked event, with its traceback; what it says only if asked for."""
        with operating():
            return answered(show_parked(event_id, **query))


@blueprint.route("/parked/<uuid:event_id>/retry")
class ParkedItemRetry(MethodView):
    """The head of a key."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedSubscriptionSchema)
    @blueprint.response(200, EventRetriedSchema)
    @blueprint.problems(NotParked, UnknownSubscription)
    @blueprint.problem(WrongState)
    def post(self, body: dict[str, Any], event_id: UUID) -> Response:
        """Try the head of a key again at once, with all of its attempts before it."""
        with operating():
            return answered(retry_event(event_id, body.get("subscription")))


@blueprint.route("/parked/<uuid:event_id>/skip")
class ParkedItemSkip(MethodView):
    """An event that is never delivered."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedReasonSchema)
    @blueprint.response(200, EventSkippedSchema)
    @blueprint.problems(NotParked, UnknownSubscription, InvalidInput)
    @blueprint.problem(WrongState, "Parked in several subscriptions")
    def post(self, body: dict[str, Any], event_id: UUID) -> Response:
        """Never deliver a parked event to its subscription; those behind it follow."""
        with operating():
            return answered(skip(event_id, verdict(body["reason"]), body.get("subscription")))


@blueprint.route("/parked/<uuid:event_id>/discard")
class ParkedItemDiscard(MethodView):
    """A head with its followers, which are never delivered."""

    @blueprint.requires("operate")
    @blueprint.arguments(ParkedReasonSchema)
    @blueprint.response(200, EventDiscardedSchema)
    @blueprint.problems(NotParked, UnknownSubscription, InvalidInput)
    @blueprint.problem(WrongState)
    def post(self, body: dict[str, Any], event_id: UUID) -> Response:
        """Never deliver the head of a key, nor what is held behind it."""
        with operating():
            decided = verdict(body["reason"])
            return answered(discard_event(event_id, decided, body.get("subscription")))

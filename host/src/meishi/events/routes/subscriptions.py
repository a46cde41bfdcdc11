"""Subscriptions, for operators: how each is, pausing, resuming and replaying."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response
from flask.views import MethodView

from meishi.events.operations import pausing
from meishi.events.operations.errors import (
    InvalidInput,
    ReplayRefused,
    UnknownSubscription,
    WrongState,
)
from meishi.events.operations.rehearsals import rehearse, replays_of
from meishi.events.operations.statements import require_subscription
from meishi.events.operations.status import SubscriptionStatuses
from meishi.events.operations.workers import workers_alive
from meishi.events.routes.blueprint import answered, blueprint, deployment
from meishi.events.routes.operating import (
    UnknownWorkspace,
    operating,
    require_workspace,
    verdict,
)
from meishi.events.schemas.subscriptions import (
    SubscriptionListSchema,
    SubscriptionPausedSchema,
    SubscriptionPauseSchema,
    SubscriptionReplayedSchema,
    SubscriptionReplaySchema,
    SubscriptionSchema,
)


@blueprint.route("/subscriptions")
class SubscriptionList(MethodView):
    """All subscriptions."""

    @blueprint.requires("operate")
    @blueprint.response(200, SubscriptionListSchema)
    def get(self) -> Response:
        """List how each subscription is, and how many workers are alive."""
        found = SubscriptionStatuses(deployment().statuses()).all()
        return answered({"items": found, "workers_alive": workers_alive()})


@blueprint.route("/subscriptions/<subscription>")
class SubscriptionItem(MethodView):
    """One subscription."""

    @blueprint.requires("operate")
    @blueprint.response(200, SubscriptionSchema)
    @blueprint.problem(UnknownSubscription)
    def get(self, subscription: str) -> Response:
        """Return how a subscription is: plugin, state, lag, what is parked, last error."""
        with operating():
            return answered(SubscriptionStatuses(deployment().statuses()).one(subscription))


@blueprint.route("/subscriptions/<subscription>/pause")
class SubscriptionPause(MethodView):
    """A subscription, or one workspace in it, that stands still."""

    @blueprint.requires("operate")
    @blueprint.arguments(SubscriptionPauseSchema)
    @blueprint.response(200, SubscriptionPausedSchema)
    @blueprint.problems(UnknownSubscription, UnknownWorkspace, WrongState, InvalidInput)
    def post(self, body: dict[str, Any], subscription: str) -> Response:
        """Deliver nothing more to a subscription, or nothing of one workspace; nothing is lost."""
        decided, workspace = verdict(body["reason"]), body.get("workspace")
        with operating():
            require_subscription(subscription)
            require_workspace(workspace)
            if workspace is None:
                return answered(pausing.pause(subscription, decided))
            return answered(pausing.pause_workspace(subscription, workspace, decided))


@blueprint.route("/subscriptions/<subscription>/resume")
class SubscriptionResume(MethodView):
    """A subscription, or one workspace in it, that goes on."""

    @blueprint.requires("operate")
    @blueprint.arguments(SubscriptionPauseSchema)
    @blueprint.response(200, SubscriptionPausedSchema)
    @blueprint.problems(UnknownSubscription, UnknownWorkspace, WrongState, InvalidInput)
    def post(self, body: dict[str, Any], subscription: str) -> Response:
        """Let a subscription, or one workspace in it, go on from where it was paused."""
        decided, workspace = verdict(body["reason"]), body.get("workspace")
        with operating():
            require_subscription(subscription)
            require_workspace(workspace)
            if workspace is None:
                return answered(pausing.resume(subscription, decided))
            return answered(pausing.resume_workspace(subscription, workspace, decided))


@blueprint.route("/subscriptions/<subscription>/replay")
class SubscriptionReplay(MethodView):
    """What a subscription has had, once more."""

    @blueprint.requires("operate")
    @blueprint.arguments(SubscriptionReplaySchema)
    @blueprint.response(200, SubscriptionReplayedSchema)
    @blueprint.problems(UnknownSubscription, ReplayRefused, InvalidInput)
    def post(self, body: dict[str, Any], subscription: str) -> Response:
        """Deliver to a subscription once more what it has had, as its plugin declares it.

        With `dry_run` it is done and undone: the answer is the same, and nothing is changed.
        """
        host, since = deployment(), body.get("since")
        with operating():
            require_subscription(subscription)
            if (since is None) is not body["from_start"]:
                raise InvalidInput("Since when?", hint="Either --from TIME or --from-start.")
            replays = replays_of(host.plugins.active(), host.subscribers())
            run = partial(rehearse, replays) if body["dry_run"] else replays.replay
            return answered(run(subscription, since, verdict(body["reason"])))

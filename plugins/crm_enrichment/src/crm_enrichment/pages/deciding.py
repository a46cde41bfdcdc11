"""Deciding on proposals: on one of a contact's page, or on many at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, request

from crm_enrichment.contract import MAX_DECIDED, Decisions, Proposal, Proposals
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import ToastKind, own_path, redirect, toast
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import ngettext

_LIST = "/enrichment"


def apply_proposal(proposal_id: UUID) -> Response:
    """Take a proposal over."""
    return _decided(service(Proposals).apply, proposal_id, _("The value was taken over"))


def reject_proposal(proposal_id: UUID) -> Response:
    """Turn a proposal down."""
    return _decided(service(Proposals).reject, proposal_id, _("The proposal was turned down"))


def revert_proposal(proposal_id: UUID) -> Response:
    """Take back what a proposal has changed."""
    return _decided(service(Proposals).revert, proposal_id, _("The value was taken back"))


def decide_many() -> Response:
    """Decide on all proposals that were ticked, as far as that is possible."""
    chosen = _ids(request.form.getlist("proposal"))
    if request.form.get("decision") == "apply":
        done = service(Proposals).apply_many(chosen)
    else:
        done = service(Proposals).reject_many(chosen)
    _tell(done)
    return redirect(own_path(request.form.get("next"), _LIST))


def _decided(decide: Callable[[UUID], Proposal], proposal_id: UUID, said: str) -> Response:
    """Decide, say so or why not, and lead back to where the button stood."""
    try:
        decide(proposal_id)
    except DomainError as error:
        toast(f"{_(error.title)}: {error.detail}", ToastKind.DANGER)
    else:
        toast(said)
    return redirect(own_path(request.form.get("next"), _LIST))


def _tell(done: Decisions) -> None:
    count = len(done.decided)
    if count:
        toast(ngettext("%(num)s proposal was decided", "%(num)s proposals were decided", count))
    if done.refused:
        toast(done.refused[0].detail, ToastKind.DANGER)
    if not count and not done.refused:
        toast(_("Choose proposals first"), ToastKind.DANGER)


def _ids(texts: list[str]) -> tuple[UUID, ...]:
    """Return the ids that a form names; what is none was not written by it."""
    found = []
    for text in texts[:MAX_DECIDED]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(found)

"""What a contact has said to being reached, on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    Consent,
    ConsentChannel,
    ConsentOrigin,
    Consents,
    ConsentState,
    InvalidConsent,
)
from crm_contacts.pages.authors import author_name
from crm_contacts.pages.words import CHANNELS, CONSENT_STATES
from meishi.sdk.context import service
from meishi.sdk.contract import FieldError
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import gettext as _

_Word = TypeVar("_Word", ConsentChannel, ConsentState)

_SHOWN = 20
_BADGES = {ConsentState.GRANTED: "green", ConsentState.DENIED: "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConsent:
    """A record as the page shows it; `recorder` is empty for a service, or who has left."""

    consent: Consent
    title: str
    state: str
    badge: str
    recorder: str
    merged: bool
    taken_back: bool


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """What counts of a channel, and the records before it."""

    now: ShownConsent
    before: list[ShownConsent]


def shown_consents(contact_id: UUID) -> list[ShownChannel]:
    """Return what counts of each channel with what was recorded before."""
    consents = service(Consents)
    names: dict[UUID | None, str] = {}
    channels = []
    for item in consents.of(contact_id):
        before: tuple[Consent, ...] = ()
        if item.version > 1:
            page = consents.history(contact_id, item.channel, after=item.version, limit=_SHOWN)
            before = page.items
        channels.append(
            ShownChannel(_shown(item, names), [_shown(found, names) for found in before])
        )
    return channels


def record_consent(contact_id: UUID) -> Response:
    """Record what a contact has said, and show the contact again."""
    try:
        service(Consents).record(
            contact_id,
            _one_of(ConsentChannel, "channel"),
            _one_of(ConsentState, "state"),
            given_at=_given_at(),
            how=request.form.get("how", "").strip() or None,
        )
    except InvalidConsent as error:
        said = " ".join(item.message for item in error.errors) or error.detail
        toast(said, ToastKind.DANGER)
    else:
        toast(_("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def _shown(item: Consent, names: dict[UUID | None, str]) -> ShownConsent:
    if item.recorder_id not in names:
        names[item.recorder_id] = author_name(item.recorder_id)
    return ShownConsent(
        consent=item,
        title=CHANNELS[item.channel],
        state=CONSENT_STATES[item.state],
        badge=_BADGES.get(item.state, "secondary"),
        recorder=names[item.recorder_id],
        merged=item.origin is ConsentOrigin.MERGE,
        taken_back=item.origin is ConsentOrigin.UNMERGE,
    )


def _one_of(kind: type[_Word], name: str) -> _Word:
    try:
        return kind(request.form.get(name, ""))
    except ValueError as error:
        raise _wrong(name) from error


def _given_at() -> datetime | None:
    """Return the beginning of the day that was typed; None for now."""
    written = request.form.get("given_on", "")
    if not written:
        return None
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _wrong("given_at") from error


def _wrong(name: str) -> InvalidConsent:
    message = _("Choose one of those that are offered.")
    return InvalidConsent(message, errors=[FieldError(f"/{name}", "invalid", message)])

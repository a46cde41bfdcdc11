"""The forms in which a contact is written as a card, and which of them a client wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from crm_contacts.card_writing import card_from_draft, write_card
from crm_contacts.contract import ContactDraft, VCardVersion
from crm_contacts.jcard import write_jcard
from crm_contacts.jscontact import write_jscontact
from crm_contacts.json_values import encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class CardForm:
    """A form of cards: how one is written, and what stands before, between and behind several.

    `content_type` is that of a single card; what is written is in UTF-8 in all of them.
    """

    media_type: str
    content_type: str
    suffix: str
    write: Callable[[ContactDraft], bytes]
    opening: bytes = b""
    between: bytes = b""
    closing: bytes = b""


def _jcard(draft: ContactDraft) -> bytes:
    return encode_json(write_jcard(card_from_draft(draft, VCardVersion.V4))).encode()


def _jscontact(draft: ContactDraft) -> bytes:
    return encode_json(write_jscontact(card_from_draft(draft, VCardVersion.V4))).encode()


def _vcard(version: VCardVersion) -> CardForm:
    return CardForm(
        media_type="text/vcard",
        content_type=f"text/vcard; version={version}; charset=utf-8",
        suffix=".vcf",
        write=partial(write_card, version=version),
    )


def _json(media_type: str, write: Callable[[ContactDraft], bytes]) -> CardForm:
    return CardForm(
        media_type=media_type,
        content_type=media_type,
        suffix=".json",
        write=write,
        opening=b"[\n",
        between=b",\n",
        closing=b"\n]\n",
    )


VCARD_3, VCARD_4 = map(_vcard, (VCardVersion.V3, VCardVersion.V4))
JCARD = _json("application/vcard+json", _jcard)
JSCONTACT = _json("application/jscontact+json", _jscontact)

_BY_TYPE = {form.media_type: form for form in (JCARD, JSCONTACT)}
_BY_VERSION = {"3.0": VCARD_3, "4.0": VCARD_4, None: VCARD_4}
#: Types for which a contact is answered as the web API shows it.
_DOCUMENT = frozenset({"application/json", "application/*", "*/*"})


def wanted_form(accepted: Iterable[tuple[str, dict[str, str], float]]) -> CardForm | None:
    """Return the form that a client prefers; None for the document of the web API.

    :param accepted: what it accepts, in its order: media type, parameters and quality
    """
    best: tuple[float, CardForm | None] = (0.0, None)
    for media_type, parameters, quality in accepted:
        form = _BY_TYPE.get(media_type)
        if media_type in {"text/vcard", "text/x-vcard", "text/*"}:
            form = _BY_VERSION.get(parameters.get("version"))
        if quality > best[0] and (form is not None or media_type in _DOCUMENT):
            best = quality, form
    return best[1]

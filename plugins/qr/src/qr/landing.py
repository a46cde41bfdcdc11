"""The page of a card as HTML: no script, nothing from elsewhere, every value as text."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone
from qr.addresses import CARD_PATH
from qr.contract import PublicCard
from qr.exchange_form import TRAP, ExchangeForm
from qr.visitor_details import LIMITS

_TEMPLATES = Path(__file__).parent / "templates"
_MAP = "https://www.openstreetmap.org/search?query="
#: Schemes that a link of a contact may have to become one that can be followed.
_HOST_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}(?:[/?#]|$)", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[^0-9*#]")
#: Type names that say nothing to a visitor.
_SILENT_TYPES = frozenset({"internet", "voice", "pref", "x-internet"})


_Item = TypeVar("_Item", Address, Email, Link, Phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a page: what it says, of which kind it is, and where it leads, if anywhere."""

    text: str
    note: str = ""
    href: str | None = None


def card_page(card: PublicCard, form: ExchangeForm) -> str:
    """Return the page of a card, with the form for visitors as it stands."""
    contact = card.contact
    organisation = ", ".join(filter(None, (contact.organisation, *contact.units)))
    return _template("card.html").render(
        card=card,
        name=contact.name.full,
        initials=_initials(contact),
        title=contact.title or "",
        organisation=organisation,
        summary=" · ".join(filter(None, (contact.title, organisation))),
        **_ways_on(card.slug),
        form=form,
        form_address=f"{CARD_PATH}{card.slug}",
        limits=LIMITS,
        trap=TRAP,
        phones=[_phone(item) for item in _primary_first(contact.phones)],
        emails=[_email(item) for item in _primary_first(contact.emails)],
        links=[
            Entry(text=item.url, note=item.label or "", href=safe_address(item.url))
            for item in _primary_first(contact.links)
        ],
        addresses=[_address(item) for item in _primary_first(contact.addresses)],
    )


def gone_page(title: str, detail: str) -> str:
    """Return the page that says why there is no card here any more."""
    return _template("gone.html").render(title=title, detail=detail)


def thanks_page(slug: str) -> str:
    """Return the page that thanks a visitor for their card, and says what they may do next."""
    return _template("thanks.html").render(page_address=f"{CARD_PATH}{slug}", **_ways_on(slug))


@cache
def content_security_policy(*, form: bool = False) -> str:
    """Return the policy of these pages: their own style sheet, by its hash, and nothing else.

    One with a `form` may send it to this site.
    """
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    action = "'self'" if form else "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        f"form-action {action}; base-uri 'none'; frame-ancestors 'none'"
    )


def safe_address(url: str) -> str | None:
    """Return a link's address if it is of a scheme that a visitor may follow, else None.

    One that begins with the name of a host, as people write it, is a web address.
    """
    address = url.strip()
    if _HOST_NAME.match(address):
        address = f"https://{address}"
    return address if _SAFE_LINK.fullmatch(address) else None


def _ways_on(slug: str) -> dict[str, str]:
    return {
        "file_address": f"{CARD_PATH}{slug}/card.vcf",
        "own_address": f"{CARD_PATH}{slug}/own",
    }


def _phone(item: Phone) -> Entry:
    number = item.normalised or item.number
    digits = _NOT_DIALLED.sub("", number)
    plus = "+" if number.strip().startswith("+") else ""
    return Entry(
        text=item.number,
        note=_note(item),
        href=f"tel:{plus}{quote(digits, safe='*')}" if digits else None,
    )


def _email(item: Email) -> Entry:
    return Entry(
        text=item.address, note=_note(item), href=f"mailto:{quote(item.address.strip(), safe='@')}"
    )


def _address(item: Address) -> Entry:
    town = " ".join(filter(None, (item.postal_code, item.locality)))
    lines = (item.po_box, item.extended, item.street, town, item.region, item.country)
    written = [line for line in lines if line and line.strip()]
    return Entry(
        text="\n".join(written),
        note=_note(item),
        href=f"{_MAP}{quote(', '.join(written), safe='')}" if written else None,
    )


def _note(item: Address | Email | Phone) -> str:
    return item.label or ", ".join(name for name in item.types if name not in _SILENT_TYPES)


def _primary_first(items: Iterable[_Item]) -> list[_Item]:
    return sorted(items, key=lambda item: not item.primary)


def _initials(contact: ContactDraft) -> str:
    """Return the first letters of the first and the last word of a name, if these are letters."""
    words = [word for word in contact.name.full.split() if word[0].isalpha()]
    return "".join(word[0] for word in dict.fromkeys((*words[:1], *words[-1:]))).upper()


@cache
def _style() -> str:
    return (_TEMPLATES / "page.css").read_text(encoding="utf-8")


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(_style())  # noqa: S704 (our own style sheet)
    return environment

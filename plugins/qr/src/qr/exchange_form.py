"""The form in which visitors leave their card, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qr.consent import CURRENT_CONSENT, ConsentWords

#: Fields in which people type, in their order.
FIELDS = ("name", "email", "phone", "organisation", "title", "note")
#: A field that people do not see: who fills it in reads no page.
TRAP = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeForm:
    """The form as the page shows it: what was typed, and what is wrong with it, by field."""

    token: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    consent: ConsentWords = CURRENT_CONSENT

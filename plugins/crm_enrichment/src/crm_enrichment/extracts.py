"""What was read of a text, as the contract and as providers tell it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from crm_enrichment.contract import MAX_VALUE, Extract, Field, Finding, Method, Part
from crm_enrichment.signatures import Passage

#: The parts that there are fields for.
FIELDS = {
    Part.TITLE: Field.TITLE,
    Part.ORGANISATION: Field.ORGANISATION,
    Part.EMAIL: Field.EMAIL,
    Part.PHONE: Field.PHONE,
    Part.LINK: Field.LINK,
}
_LEAST_LETTERS = 3


def extract_of(passage: Passage, text: str, method: Method) -> Extract:
    """Return a passage with its quote."""
    return Extract(
        part=passage.part,
        value=passage.value,
        quote=text[passage.start : passage.end],
        start=passage.start,
        end=passage.end,
        confidence=passage.confidence,
        method=method,
    )


def findings_of(
    contact_id: UUID, extracts: Iterable[Extract], source: str, region: str | None
) -> Iterator[Finding]:
    """Yield what can be proposed for a contact."""
    for extract in extracts:
        field = FIELDS.get(extract.part)
        value = extract.value
        if extract.part is Part.PHONE:
            value = dialled(value, region)
        if field is not None and value and len(value) <= MAX_VALUE:
            yield Finding(
                contact_id=contact_id,
                field=field,
                value=value,
                source=source,
                confidence=extract.confidence,
                quote=extract.quote,
                method=extract.method,
            )


def dialled(number: str, region: str | None) -> str:
    """Return a number as it is dialled: internationally, where its country is known."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return " ".join(re.sub(r"\(0\)|[^\d+./ -]", " ", number).split())
    parsed.extension = None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def is_of_another(extracts: Collection[Extract], name: str) -> bool:
    """Whether a text names somebody, and somebody else: what it says is not a contact's then."""
    named = [_words(extract.value) for extract in extracts if extract.part is Part.NAME]
    return bool(named) and not any(words & _words(name) for words in named)


def _words(name: str) -> frozenset[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = re.findall(r"\w+", plain)
    return frozenset(
        word for word in words if len(word) >= _LEAST_LETTERS or not word.isascii()
    ) or frozenset(words)

"""What of a provider's findings can be believed to be one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from crm_enrichment.contract import (
    MAX_VALUE,
    Department,
    EmailType,
    Field,
    Finding,
    Method,
    PhoneType,
    Provider,
    Seniority,
    Subject,
)
from crm_enrichment.keys import value_key
from crm_enrichment.subjects import texts_of

_WORDS: Mapping[Field, type[StrEnum]] = {
    Field.PHONE_TYPE: PhoneType,
    Field.EMAIL_TYPE: EmailType,
    Field.SENIORITY: Seniority,
    Field.DEPARTMENT: Department,
}
_SHAPES = {
    Field.COUNTRY: re.compile(r"[A-Z]{2}"),
    Field.TIME_ZONE: re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){0,2}"),
    Field.EMAIL: re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    Field.PHONE: re.compile(r"\+?[0-9][0-9 ()./-]{4,30}"),
    Field.LINK: re.compile(r"https?://\S+"),
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MAX_QUOTE, _MAX_SOURCE = 1000, 200
_DECODER = msgspec.msgpack.Decoder(Finding)


def sound_findings(
    provider: Provider, subjects: Iterable[Subject], findings: Iterable[object]
) -> list[Finding]:
    """Return those findings that are about the subjects and of the right form, each value once.

    What a model has made must quote its subject word for word; anything else it has made up.

    :raises TypeError: if anything is no finding at all, and what `_as_declared` raises
    """
    asked = {subject.contact_id: subject for subject in subjects}
    best: dict[tuple[UUID, Field, str], Finding] = {}
    for told in findings:
        finding = _as_declared(told)
        if finding is None:
            continue
        subject = asked.get(finding.contact_id)
        if subject is None or finding.field not in provider.outputs:
            continue
        found = _cleaned(finding, provider)
        if found is None or not _is_said(found, subject):
            continue
        key = (found.contact_id, found.field, value_key(found.field, found.value))
        if key not in best or best[key].confidence < found.confidence:
            best[key] = found
    return list(best.values())


def _as_declared(told: object) -> Finding | None:
    """Return a finding whose values have the declared types; None where a text is no Unicode.

    :raises TypeError: if it is none
    :raises msgspec.ValidationError: if a value is of another type
    :raises ValueError: if a time does not say its zone
    """
    if not isinstance(told, Finding):
        raise TypeError(f"a provider returned a {type(told).__qualname__} for a Finding")
    try:
        document = msgspec.msgpack.encode(told)
    except UnicodeEncodeError:
        return None
    finding = _DECODER.decode(document)
    times: tuple[datetime | None, ...] = (finding.observed_at, finding.expires_at)
    if any(time is not None and time.utcoffset() is None for time in times):
        raise ValueError("a provider returned a time without its zone")
    return finding


def _cleaned(finding: Finding, provider: Provider) -> Finding | None:
    value = " ".join(_CONTROLS.sub(" ", finding.value).split())
    if not value or len(value) > MAX_VALUE or not _has_form(finding.field, value):
        return None
    if not math.isfinite(finding.confidence):
        return None
    quote = finding.quote
    return replace(
        finding,
        value=value,
        source=_CONTROLS.sub(" ", finding.source)[:_MAX_SOURCE],
        quote=None if quote is None else quote.replace("\x00", "")[:_MAX_QUOTE],
        confidence=min(1.0, max(0.0, finding.confidence)),
        method=finding.method or provider.method,
    )


def _has_form(field: Field, value: str) -> bool:
    words, shape = _WORDS.get(field), _SHAPES.get(field)
    if words is not None:
        return value in {word.value for word in words}
    return shape is None or shape.fullmatch(value) is not None


def _is_said(finding: Finding, subject: Subject) -> bool:
    if finding.method is not Method.MODEL:
        return True
    quote = finding.quote or ""
    return quote != "" and any(quote in text for text in texts_of(subject))

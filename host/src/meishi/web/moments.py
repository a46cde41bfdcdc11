"""Moments, as pages show them: in the reader's language, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from babel.dates import format_date, format_time

from meishi.web.texts import current_texts


def moment_iso(value: datetime | str) -> str:
    """Return a moment for programs (RFC 3339)."""
    return _moment(value).isoformat()


def moment_text(value: datetime | str) -> str:
    """Return a moment for people."""
    moment, locale = _moment(value), current_texts().locale
    day = format_date(moment, "medium", locale=locale)
    return f"{day}, {format_time(moment, 'short', locale=locale)} UTC"


def _moment(value: datetime | str) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.astimezone(UTC).replace(microsecond=0)

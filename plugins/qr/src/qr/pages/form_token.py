"""What the form on a card's page is bound to: a submission of its own, the card, the moment."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from meishi.sdk.signing import ForgedText, read_signed, sign

#: Nobody reads what they agree to, and types a name, in less.
_QUICKEST = timedelta(seconds=2)
#: A page may stay open for a day.
_LONGEST = timedelta(days=1)

_TOKEN = struct.Struct(">q16s")
_MICROSECOND = timedelta(microseconds=1)


class FormTooQuick(Exception):
    """A form came back faster than people type."""


class FormExpired(Exception):
    """A form is not of this page, or of one that was opened long ago."""


def new_token(slug: str, at: datetime) -> str:
    """Return the token of a form at a card: a submission of its own, and when it was shown."""
    moment = (at - datetime.fromtimestamp(0, UTC)) // _MICROSECOND
    return sign(_purpose(slug), _TOKEN.pack(moment, uuid4().bytes))


def read_submission(slug: str, token: str, at: datetime) -> UUID:
    """Return which submission a form is.

    :raises FormExpired: if its token is not of this card, or older than a day
    :raises FormTooQuick: if the page was shown less than two seconds ago
    """
    try:
        moment, submission = _TOKEN.unpack(read_signed(_purpose(slug), token))
    except (ForgedText, struct.error) as error:
        raise FormExpired from error
    age = at - (datetime.fromtimestamp(0, UTC) + moment * _MICROSECOND)
    if age > _LONGEST:
        raise FormExpired
    if age < _QUICKEST:
        raise FormTooQuick
    return UUID(bytes=submission)


def _purpose(slug: str) -> str:
    return f"exchange {slug}"

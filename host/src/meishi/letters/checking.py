"""What a letter may say and to whom: nothing that could become a header, or another mail."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from meishi.letters.errors import InvalidMail
from meishi.letters.letter import Letter

#: Characters of a name and of a subject, and bytes of a text or its HTML.
LONGEST_NAME, LONGEST_SUBJECT, LARGEST_TEXT = 200, 200, 512 * 1024

#: Control characters, what ends a line, and halves of characters.
_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})


def checked_letter(
    *,
    message_id: str,
    to: str,
    name: str,
    subject: str,
    text: str,
    html: str | None,
    at: datetime,
) -> Letter:
    """Return a letter that can be sent.

    :raises InvalidMail: if something in it cannot
    """
    if not subject.strip():
        raise InvalidMail("A mail needs a subject.")
    return Letter(
        message_id=message_id,
        to=checked_address(to),
        name=_checked_line("name", name, LONGEST_NAME),
        subject=_checked_line("subject", subject, LONGEST_SUBJECT),
        text=_checked_text("text", text),
        html=None if html is None else _checked_text("HTML", html),
        at=at,
    )


def checked_address(address: str) -> str:
    """Return an address as mail servers want it: an international domain in its ASCII form.

    :raises InvalidMail: if it is none
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidMail(f"{address!r} is not an email address: {error}") from error
    return f"{found.local_part}@{found.ascii_domain}"


def _checked_line(what: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise InvalidMail(f"The {what} of a mail has at most {longest} characters.")
    if any(unicodedata.category(character) in _UNFIT for character in text):
        raise InvalidMail(f"The {what} of a mail is one line without control characters.")
    return text.strip()


def _checked_text(what: str, text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidMail(f"The {what} of a mail has a character that cannot be sent.")
    if len(text.encode()) > LARGEST_TEXT:
        raise InvalidMail(f"The {what} of a mail has at most {LARGEST_TEXT} bytes.")
    return text

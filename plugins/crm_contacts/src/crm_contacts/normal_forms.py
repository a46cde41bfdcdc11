"""Forms of a contact's values that are equal where the values mean the same."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse

from crm_contacts.contract import Address, Email, Link, Phone, Position, RawProperty

#: Characters of a form that is looked up by an index.
MAX_KEY = 250
#: Octets in UTF-8 of the key of a name: an index has two of them beside the ids of 101 readers.
MAX_NAME_OCTETS = 480

#: Letters with strokes and ligatures, which have no accent to be taken off.
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
    }
)
_FULL_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)|(--)(\d\d)-(\d\d)(?!\d)")
_EXTENSION = re.compile(r";?\s*(?:extension|extn|ext|x)\s*[.=:]?\s*(?=\d)")
#: What is written between digits, of a number in ASCII and lower case.
_BETWEEN = re.compile(r"[^0-9a-z+*#,;]+")
_DIALLED = re.compile(r"([+*#]*\d[\d+*#]*)((?:[,;pwx][\d*#]*)*)")
#: A pause and a wait are written as a letter, too.
_PAUSES = str.maketrans("pw", ",;")
_URL = re.compile(r"(?:([a-z][a-z0-9+.-]*)://)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def text_form(text: str | None) -> str:
    """Return `text` without differences of case, width and white space."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def folded(text: str | None) -> str:
    """Return `text` as it is searched, filtered and sorted: its text form in plain letters.

    At most `MAX_KEY` characters, as an entry of an index has no room for more.
    """
    return plain_letters(text)[:MAX_KEY]


def plain_letters(text: str | None) -> str:
    """Return the text form of `text` without accents, however long it is."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text_form(text))
    bare = "".join(filterfalse(unicodedata.combining, parts))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)


def name_key(text: str | None) -> str:
    """Return the folded form by which contacts are filtered and sorted, cut at `MAX_NAME_OCTETS`.

    A name and its beginning have keys of which one begins with the other, however long they are.
    """
    form = folded(text)
    if form.isascii():
        return form
    return form.encode()[:MAX_NAME_OCTETS].decode(errors="ignore")


def date_form(date: str | None) -> str:
    """Return a date as written, but 1980-03-21 as 19800321 and --03-21 as --0321."""
    form = text_form(date)
    match = _FULL_DATE.match(form)
    return "".join(filter(None, match.groups())) + form[match.end() :] if match else form


def email_form(email: Email) -> str:
    """Return the address in lower case; nothing else about two mailboxes is the same."""
    return " ".join(unicodedata.normalize("NFC", email.address).lower().split())


def phone_form(phone: Phone) -> str:
    """Return what is dialled: number, pauses (`,` and `;`) and extension (`x`) in one."""
    return "".join(phone_parts(phone))


def phone_parts(phone: Phone) -> tuple[str, str]:
    """Return the digits with a leading plus, and what is dialled after them.

    A number with other letters than those of pauses and extensions keeps them all.
    """
    text = text_form(phone.number)
    marked = _EXTENSION.sub("x", text)
    if marked.isascii():
        written = _BETWEEN.sub("", marked)
    else:
        written = "".join(item for item in marked if item.isalnum() or item in "+*#,;")
    match = _DIALLED.fullmatch(written)
    if match is None:
        return written or text, ""
    return match[1][0] + match[1][1:].replace("+", ""), match[2].translate(_PAUSES)


def link_form(link: Link) -> str:
    """Return the URL with scheme and host in lower case and no lone slash at its end."""
    match = _URL.fullmatch(unicodedata.normalize("NFKC", link.url.strip()))
    assert match is not None  # every part of the pattern may be empty
    scheme, host, rest = match.groups()
    return f"{(scheme or '').lower()}://{host.lower()}{'' if rest == '/' else rest}"


def address_form(address: Address) -> tuple[str, ...]:
    """Return the seven parts, each in its text form."""
    return tuple(text_form(part) for part in address.parts)


def position_form(position: Position) -> tuple[object, ...]:
    """Return all that is said of a job, each text in its text form."""
    texts = (position.organisation, position.title, position.role, position.note, *position.units)
    dates = (position.start_date, position.end_date)
    return (*dates, position.current, *(text_form(text) for text in texts))


def raw_form(found: RawProperty) -> tuple[str, str]:
    """Return name and value; parameters and group qualify a value without being one."""
    return found.name, text_form(found.value)

"""Names of properties, groups and parameters that every program can read."""

from __future__ import annotations

import re

#: Begins a name that stands for another one, whose UTF-8 octets follow as hexadecimal digits.
ENCODED = "X-MEISHI-NAME-"

_NAME = re.compile(r"[A-Za-z0-9-]+")
_ENCODED = re.compile(ENCODED + r"((?:[0-9A-F]{2})+)", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Whether `text` may stand in a card as it is (RFC 6350, section 3.3)."""
    return bool(_NAME.fullmatch(text)) and not text.upper().startswith(ENCODED)


def encode_name(name: str) -> str:
    """Return a name of letters, digits and hyphens for which `decode_name` returns `name`."""
    return ENCODED + name.encode().hex().upper()


def decode_name(written: str) -> str:
    """Return the name that an encoded one stands for, and every other one as it is."""
    match = _ENCODED.fullmatch(written)
    if match is None:
        return written
    try:
        name = bytes.fromhex(match[1]).decode()
    except UnicodeDecodeError:
        return written
    return written if "\0" in name else name

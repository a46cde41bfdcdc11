"""Where cards and codes are on the web."""

from __future__ import annotations

from qr.symbol import is_alphanumeric

CARD_PATH = "/p/"
CODE_PATH = "/C/"


def card_address(public_url: str, slug: str) -> str:
    """Return the address of a card's page."""
    return f"{public_url}{CARD_PATH}{slug}"


def code_address(public_url: str, short_code: str) -> str:
    """Return the address that a dynamic code carries.

    Scheme and host are the same in capital letters (RFC 3986, 6.2.2.1), and a text of these
    takes a smaller symbol. An IPv6 address has brackets, which no capitals make up for.
    """
    address = f"{public_url}{CODE_PATH}{short_code}"
    return address.upper() if is_alphanumeric(address.upper()) else address

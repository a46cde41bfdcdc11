"""How commands about events write things for people."""

from __future__ import annotations

from datetime import datetime


def printable(text: str) -> str:
    """Return a text that cannot paint a terminal: line ends stay, other signs are spelt out."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in text
    )


def last_line(text: str | None) -> str:
    """Return the last line of a traceback, which says what it was."""
    lines = (text or "").strip().splitlines()
    return printable(lines[-1]) if lines else ""


def moment(time: datetime | None) -> str:
    """Return a time to the second, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M:%S}Z"


def counted(number: int, thing: str) -> str:
    """Return a number of things, in the plural where it is not one."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

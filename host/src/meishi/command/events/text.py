"""How commands about events write things for people."""

from __future__ import annotations

from datetime import datetime

#: How a traceback begins, and how Python joins it to that of its cause.
_FRAMES = "Traceback (most recent call last):\n"
_CAUSED = "The above exception was the direct cause of the following exception:\n"

#: What a contract makes of an error that it does not declare: that one is behind it. It was
#: elsewhere once, and reports are kept.
_CALLS = ("meishi.calls.failures.CallFailed:", "meishi.calls.registry.CallFailed:")


def printable(text: str) -> str:
    """Return a text that cannot paint a terminal: line ends stay, other signs are spelt out."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in text
    )


def what_failed(error: str | None) -> str:
    """Return the line of a kept error that says what it was; of a call that failed, its cause."""
    told = (error or "").strip()
    while True:
        cause, chained, outer = told.rpartition(_CAUSED)
        if not chained or not _headline(outer).startswith(_CALLS):
            return printable(_headline(told))
        told = cause.rstrip()


def _headline(told: str) -> str:
    """Return the first line behind the last frame: messages may go on behind it."""
    _, begins, last = told.rpartition(_FRAMES)
    lines = last.splitlines() if begins else told.splitlines()[-1:]
    return next((line for line in lines if line and not line[0].isspace()), "")


def moment(time: datetime | None) -> str:
    """Return a time to the second, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M:%S}Z"


def counted(number: int, thing: str) -> str:
    """Return a number of things, in the plural where it is not one."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

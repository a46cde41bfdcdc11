"""What a plugin's code raised, in words that fit a line of a list."""

from __future__ import annotations

#: Characters of an error that are shown; a text that long is data, and no reason.
LONGEST = 400


def raised(error: BaseException) -> str:
    """Return an error in one line of printable characters, whatever its own words are."""
    try:
        told = repr(error)
    except (Exception, SystemExit):  # noqa: BLE001 (its own `__repr__` is the plugin's code, too)
        told = f"{type(error).__qualname__}(...)"
    shown = "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in told[:LONGEST]
    )
    return shown + "..." if len(told) > LONGEST else shown

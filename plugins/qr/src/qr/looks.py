"""Looks of codes: what can be drawn at all, and what cameras read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meishi.sdk.contract import FieldError
from qr.colours import BLACK, WHITE, Colour, contrast
from qr.contract import Look, LookRefused

MIN_SCALE, MAX_SCALE = 1, 40
#: Modules of quiet zone that a symbol needs around it (ISO/IEC 18004, 5.3.8).
MIN_QUIET_ZONE, MAX_QUIET_ZONE = 4, 20
#: What WCAG 2.2 asks of text (1.4.3); codes in less fail under poor light and on poor printers.
MIN_CONTRAST = 4.5

#: In how many steps a colour is moved until it passes.
_STEPS = 20


def check_drawable(look: Look) -> None:
    """Raise `LookRefused` for values that no image can have."""
    faults = [
        *_range_fault("scale", look.scale, MIN_SCALE, MAX_SCALE),
        *_range_fault("quiet_zone", look.quiet_zone, 0, MAX_QUIET_ZONE),
    ]
    for name, value in (("dark", look.dark), ("light", look.light)):
        try:
            Colour.parse(value)
        except ValueError as error:
            faults.append(FieldError(f"/query/{name}", "invalid", f"{error}."))
    if faults:
        raise LookRefused("The code cannot be drawn like this.", errors=faults)


def check_scannable(look: Look) -> None:
    """Raise `LookRefused`, with a look that would pass, unless cameras read codes like this."""
    check_drawable(look)
    faults = list(look_faults(look))
    if faults:
        better = passing_look(look)
        raise LookRefused(
            f"This would pass: dark={better.dark}, light={better.light}, "
            f"quiet_zone={better.quiet_zone}.",
            errors=faults,
        )


def look_faults(look: Look) -> Iterator[FieldError]:
    """Yield what cameras would stumble over, each with what to change."""
    ratio = look_contrast(look)
    better = passing_look(look)
    if ratio < 1:
        yield FieldError(
            "/query/dark",
            "inverted",
            f"Many readers find no light code on a dark ground; try {better.dark} on "
            f"{better.light}.",
        )
    elif ratio < MIN_CONTRAST:
        yield FieldError(
            "/query/dark",
            "low-contrast",
            f"The contrast is {ratio:.2f} : 1 and must be {MIN_CONTRAST} : 1 at least; try "
            f"{better.dark} on {better.light}.",
        )
    if look.quiet_zone < MIN_QUIET_ZONE:
        yield FieldError(
            "/query/quiet_zone",
            "small-quiet-zone",
            f"Readers need {MIN_QUIET_ZONE} modules of free space around the symbol.",
        )


def look_contrast(look: Look) -> float:
    """Return the contrast of dark on light, below 1 if they are the wrong way round."""
    return contrast(Colour.parse(look.dark), Colour.parse(look.light))


def passing_look(look: Look) -> Look:
    """Return the look, changed as little as makes it pass."""
    dark, light = Colour.parse(look.dark), Colour.parse(look.light)
    if contrast(dark, light) < 1:
        dark, light = light, dark
    for darker, lighter in _mixes(dark, light):
        if contrast(darker, lighter) >= MIN_CONTRAST:
            dark, light = darker, lighter
            break
    quiet_zone = max(look.quiet_zone, MIN_QUIET_ZONE)
    return replace(look, dark=str(dark), light=str(light), quiet_zone=quiet_zone)


def _mixes(dark: Colour, light: Colour) -> Iterator[tuple[Colour, Colour]]:
    """Yield the colours, then darker ones, then black with lighter grounds up to white."""
    for step in range(_STEPS + 1):
        yield dark.towards(BLACK, step / _STEPS), light
    for step in range(_STEPS + 1):
        yield BLACK, light.towards(WHITE, step / _STEPS)


def _range_fault(name: str, value: int, low: int, high: int) -> Iterator[FieldError]:
    if not low <= value <= high:
        yield FieldError(f"/query/{name}", "invalid", f"Must be from {low} to {high}.")

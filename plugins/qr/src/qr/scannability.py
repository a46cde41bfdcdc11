"""How well a code can be scanned: what a reader makes of it in several sizes, and why."""

from __future__ import annotations

from dataclasses import replace

from qr.contract import (
    CodeUnreadable,
    ErrorCorrection,
    ImageFormat,
    Look,
    ScanReport,
    SizeCheck,
)
from qr.looks import check_drawable, look_contrast, look_faults, passing_look
from qr.raster import Raster
from qr.reading import decoded, raster_of
from qr.rendering import Draw
from qr.symbol import make_symbol

#: Widths in pixels, as a code takes on a page, a screen or in a camera's picture.
_SIZES = (48, 64, 96, 128, 192, 256, 384, 512)


def scan_report(
    content: str, error_correction: ErrorCorrection, look: Look, *, draw: Draw
) -> ScanReport:
    """Return how well the code of `content` can be scanned that looks like this.

    Raises LookRefused for a look that cannot be drawn, whatever cameras would make of it.
    """
    check_drawable(look)
    symbol = make_symbol(content, error_correction)
    image = draw(symbol, ImageFormat.PNG, look=look, title="")
    raster = raster_of(image.body, image.media_type)
    small = replace(look, scale=1)
    module_image = draw(symbol, ImageFormat.PNG, look=small, title="")
    modules = raster_of(module_image.body, module_image.media_type)
    decodes = _decodes(raster, content)
    faults = tuple(look_faults(look))
    return ScanReport(
        scannable=decodes and not faults,
        decodes=decodes,
        contrast=round(look_contrast(look), 2),
        quiet_zone=look.quiet_zone,
        version=symbol.version,
        error_correction=ErrorCorrection(symbol.designator.partition("-")[2]),
        modules=len(symbol.rows),
        sizes=tuple(
            SizeCheck(pixels=side, decodes=_decodes(modules.resized(side), content))
            for side in _SIZES
        ),
        suggestions=tuple(fault.message for fault in faults),
        suggested=passing_look(look),
    )


def _decodes(raster: Raster, content: str) -> bool:
    try:
        return decoded(raster) == content.encode()
    except CodeUnreadable:
        return False

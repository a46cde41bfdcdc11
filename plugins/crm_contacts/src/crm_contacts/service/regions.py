"""The region of phone numbers that have no country code, as the workspace sets it."""

from __future__ import annotations

from collections.abc import Collection

from meishi.sdk.context import current_settings


def default_region() -> str | None:
    """Return the region that holds in the current workspace, None for none."""
    region: str | None = current_settings()["default_region"]
    return region


def region_for(numbers: Collection[object]) -> str | None:
    """Return the region if there are numbers to apply it to; otherwise nobody has to read it."""
    return default_region() if numbers else None

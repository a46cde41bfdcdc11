"""Hooks of the overview."""

from collections.abc import Sequence

from meishi.overview.pages import NAVIGATION, PAGES
from meishi.sdk.plugin import NavigationEntry, Page, Permission, Role, hookimpl


@hookimpl
def pages() -> Sequence[Page]:
    """Return the page of the console."""
    return PAGES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to it: before all others, so that one begins there."""
    return NAVIGATION


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right to open it; what stands on it needs further rights."""
    return [Permission(name="read", title="See the overview", roles=tuple(Role))]

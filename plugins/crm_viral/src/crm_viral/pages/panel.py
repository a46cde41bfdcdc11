"""How the newest programme does, on the page of the numbers."""

from __future__ import annotations

from crm_viral.pages.growth import growth_of, newest
from meishi.sdk.pages import render


def growth_panel() -> str | None:
    """Return K of the newest programme, None where there is none."""
    programme = newest()
    if programme is None:
        return None
    shown = render("crm_viral/panel.html", programme=programme, growth=growth_of(programme))
    return shown.get_data(as_text=True)

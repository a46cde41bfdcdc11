"""Texts in the reader's language."""

from __future__ import annotations

from meishi.web.catalogues import LANGUAGES
from meishi.web.texts import gettext, ngettext, noted, text_of

__all__ = ["LANGUAGES", "gettext", "ngettext", "noted", "text_of"]

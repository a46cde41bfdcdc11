"""Whose export a table is."""

from __future__ import annotations

from enum import StrEnum


class TableShape(StrEnum):
    """The programs whose headers are known; `generic` is any other with telling names.

    The columns of an `unknown` one are for somebody to say what they are.
    """

    GOOGLE = "google"
    GOOGLE_NEW = "google_new"
    OUTLOOK = "outlook"
    LINKEDIN = "linkedin"
    THUNDERBIRD = "thunderbird"
    GENERIC = "generic"
    UNKNOWN = "unknown"

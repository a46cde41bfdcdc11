"""The hook by which plugins say how their events read on the timelines of contacts."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.contract import TimelineSource


def contacts_timeline_sources() -> Sequence[TimelineSource]:  # type: ignore[empty-body]
    """Return which events of the plugin are told on the timelines of contacts, and how."""

"""The columns of LinkedIn's list of connections."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import Kind, Layout, Target, Thing, apart

_TARGETS = {
    "first name": Target(Thing.NAME, "given"),
    "last name": Target(Thing.NAME, "family"),
    "url": Target(Thing.LINK, kind=Kind(label="LinkedIn")),
    "email address": Target(Thing.EMAIL),
    "company": Target(Thing.TEXT, "organisation"),
    "position": Target(Thing.TEXT, "title"),
}
#: Without a field, but in no other program's header.
_TELLING = frozenset({"connected on", "first name", "last name"})


def linkedin_layout(keys: Sequence[str]) -> tuple[TableShape, Layout] | None:
    """Return the layout of a header that LinkedIn wrote; None for any other."""
    if not _TELLING.issubset(keys):
        return None
    return TableShape.LINKEDIN, Layout(apart([_TARGETS.get(key) for key in keys]))

"""The columns of our own tables that hold custom fields: `Lead score (custom.lead_score)`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_contacts.contract import CustomField
from crm_contacts.custom_values import KEY_NAME
from crm_contacts.tables.targets import Layout, Target, Thing

_OWN = re.compile(rf"(.*)\(custom\.({KEY_NAME.pattern})\)", re.DOTALL)


def own_heading(field: CustomField) -> str:
    """Return the heading of the column of a field: its title, for people, and its key."""
    return f"{field.title} (custom.{field.key})"


def own_title(heading: str) -> str:
    """Return what such a heading is to people, and any other as it is."""
    found = _OWN.fullmatch(heading.strip())
    return found[1].strip() if found else heading


def with_own_columns(
    layout: Layout, headings: Sequence[str], fields: Mapping[str, CustomField]
) -> Layout:
    """Return a layout in which such columns stand for their fields, as far as there are these."""
    found = [_OWN.fullmatch(heading.strip()) for heading in headings]
    if not any(found):
        return layout
    targets = list(layout.targets)
    for place, match in enumerate(found):
        if match is not None:
            targets[place] = Target(Thing.CUSTOM, match[2]) if match[2] in fields else None
    return replace(layout, targets=tuple(targets))

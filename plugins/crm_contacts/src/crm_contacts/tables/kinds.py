"""From the word for a kind of phone or address to the types of a vCard."""

from __future__ import annotations

from crm_contacts.tables.targets import Kind

#: What marks the preferred one in Google's exports.
_PRIMARY = "*"
_TYPES = {
    "work": ("work",),
    "home": ("home",),
    "mobile": ("cell",),
    "cell": ("cell",),
    "fax": ("fax",),
    "pager": ("pager",),
    "workfax": ("work", "fax"),
    "homefax": ("home", "fax"),
}


def kind_of(text: str) -> Kind:
    """Return what `text` says about an email, phone, address or link.

    Words that vCard has types for become types; any other is a label of the user's own.
    """
    word = text.strip()
    primary = word.startswith(_PRIMARY)
    word = word.removeprefix(_PRIMARY).strip()
    types = _TYPES.get("".join(word.lower().split()), ())
    return Kind(types, None if types else word or None, primary)

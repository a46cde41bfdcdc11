"""The columns of Google Contacts, as exported until 2024 and since."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import LABEL, VALUE, Layout, Target, Thing, apart

_NAMES = {
    "name": "full",
    "given name": "given",
    "first name": "given",
    "additional name": "additional",
    "middle name": "additional",
    "family name": "family",
    "last name": "family",
    "name prefix": "prefix",
    "name suffix": "suffix",
}
_TEXTS = {
    "occupation": "role",
    "birthday": "birthday",
    "notes": "note",
    "job history": "positions",
    "organization 1 - name": "organisation",
    "organization name": "organisation",
    "organization 1 - title": "title",
    "organization title": "title",
}
_LISTS = {
    "nickname": "nicknames",
    "organization 1 - department": "units",
    "organization department": "units",
}
_CHANNELS = {
    "e-mail": Thing.EMAIL,
    "phone": Thing.PHONE,
    "address": Thing.ADDRESS,
    "website": Thing.LINK,
}
_ADDRESS_PARTS = {
    "formatted": "formatted",
    "street": "street",
    "city": "locality",
    "po box": "po_box",
    "region": "region",
    "postal code": "postal_code",
    "country": "country",
    "extended address": "extended",
}
#: What our own table has besides, by a name that no other program's header has.
_OURS = "job history"
_BESIDES = {
    "kind": Target(Thing.TEXT, "kind"),
    "uid": Target(Thing.TEXT, "uid"),
    "tags": Target(Thing.TAGS, separator=":::"),
}
_NUMBERED = re.compile(r"(e-mail|phone|address|website) (\d+) - (.+)")
#: Names that no other program's header has.
_OLD = frozenset({"group membership", "yomi name", "given name yomi", "family name yomi"})
_NEW = frozenset({"phonetic first name", "phonetic last name", "organization department", "labels"})
_TELLING = 2


def google_layout(keys: Sequence[str]) -> tuple[TableShape, Layout] | None:
    """Return the layout of a header that Google wrote, or our own table; None for any other."""
    besides = _BESIDES if _OURS in keys else {}
    targets = apart([besides.get(key) or _target(key) for key in keys])
    numbered = any(target and target.place for target in targets)
    with_labels = any(" - label" in key for key in keys)
    new, old = len(_NEW.intersection(keys)), len(_OLD.intersection(keys))
    if not numbered and max(new, old) < _TELLING:
        return None
    is_new = with_labels or new > old
    return TableShape.GOOGLE_NEW if is_new else TableShape.GOOGLE, Layout(targets, several=True)


def _target(key: str) -> Target | None:
    if match := _NUMBERED.fullmatch(key):
        thing, part = _CHANNELS[match[1]], match[3]
        if part in {"type", "label"}:
            return Target(thing, LABEL, match[2])
        if thing is Thing.ADDRESS:
            name = _ADDRESS_PARTS.get(part)
            return Target(thing, name, match[2]) if name else None
        return Target(thing, VALUE, match[2]) if part == VALUE else None
    for thing, parts in ((Thing.NAME, _NAMES), (Thing.TEXT, _TEXTS), (Thing.LIST, _LISTS)):
        if key in parts:
            return Target(thing, parts[key])
    return None

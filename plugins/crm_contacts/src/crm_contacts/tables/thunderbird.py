"""The columns of Thunderbird's address book: always the same ones, named in its user's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import VALUE, Kind, Layout, Target, Thing, apart

#: By language, what the first and the second email are called, the fifth and sixth columns.
_TELLING = frozenset(
    {
        ("primary email", "secondary email"),
        ("primäre e-mail-adresse", "sekundäre e-mail-adresse"),
        ("adresse électronique principale", "adresse électronique secondaire"),
        ("première adresse électronique", "deuxième adresse électronique"),
        ("dirección de correo electrónico principal", "dirección de correo electrónico secundaria"),
        ("e-mail primaria", "e-mail secondaria"),
        ("eerste e-mail", "tweede e-mail"),
    }
)
_EMAILS = slice(4, 6)
#: Older versions have no column for a name in chats, which comes after the emails.
_WITHOUT_SCREEN_NAME, _SCREEN_NAME = 36, 6
_ADDRESS = ("street", "street 2", "locality", "region", "postal_code", "country")
_WORK, _HOME = Kind(("work",)), Kind(("home",))


def thunderbird_layout(keys: Sequence[str]) -> tuple[TableShape, Layout] | None:
    """Return the layout of a header that Thunderbird wrote; None for any other.

    Columns are known by their places: `Geburtstag` is the day of a month there, and in French
    both towns are called the same.
    """
    missing = _WITHOUT_SCREEN_NAME - len(keys)
    if tuple(keys[_EMAILS]) not in _TELLING or missing not in {0, -1}:
        return None
    targets = list(_targets())
    if not missing:
        del targets[_SCREEN_NAME]
    return TableShape.THUNDERBIRD, Layout(apart(targets))


def _targets() -> Iterator[Target | None]:
    """Yield what the columns say; without a field are chats, parts of birthdays and own fields."""
    for part in ("given", "family", "full"):
        yield Target(Thing.NAME, part)
    yield Target(Thing.LIST, "nicknames")
    yield Target(Thing.EMAIL, VALUE, "primary", Kind(primary=True))
    yield Target(Thing.EMAIL, VALUE, "further")
    yield None
    for types in ("work", "home", "fax", "pager", "cell"):
        yield Target(Thing.PHONE, VALUE, types, Kind((types,)))
    for place, kind in (("home", _HOME), ("work", _WORK)):
        for part in _ADDRESS:
            yield Target(Thing.ADDRESS, part, place, kind)
    yield Target(Thing.TEXT, "title")
    yield Target(Thing.LIST, "units")
    yield Target(Thing.TEXT, "organisation")
    yield Target(Thing.LINK, VALUE, "1")
    yield Target(Thing.LINK, VALUE, "2")
    yield from [None] * 7
    yield Target(Thing.TEXT, "note")

"""The columns of Outlook, classic and 365, in the languages that it writes them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from crm_contacts.tables.dates import DAY_FIRST, MONTH_FIRST
from crm_contacts.tables.outlook_names import LANGUAGES
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import VALUE, Kind, Layout, Target, Thing, apart, header_key

_NAMES = {
    "Title": "prefix",
    "First Name": "given",
    "Middle Name": "additional",
    "Last Name": "family",
    "Suffix": "suffix",
}
_TEXTS = {
    "Company": "organisation",
    "Job Title": "title",
    "Profession": "role",
    "Birthday": "birthday",
    "Notes": "note",
}
_ADDRESS_PARTS = {
    "Street": "street",
    "Street 2": "street 2",
    "Street 3": "street 3",
    "City": "locality",
    "State": "region",
    "Postal Code": "postal_code",
    "Country/Region": "country",
    "Address PO Box": "po_box",
}
_WORK, _HOME, _OTHER = Kind(("work",)), Kind(("home",)), Kind(label="Other")
_PHONES = {
    "Business Phone": _WORK,
    "Business Phone 2": _WORK,
    "Home Phone": _HOME,
    "Home Phone 2": _HOME,
    "Other Phone": _OTHER,
    "Mobile Phone": Kind(("cell",)),
    "Business Fax": Kind(("work", "fax")),
    "Home Fax": Kind(("home", "fax")),
    "Other Fax": Kind(("fax",), "Other"),
    "Pager": Kind(("pager",)),
    "Car Phone": Kind(("car",)),
    "ISDN": Kind(("isdn",)),
    "TTY/TDD Phone": Kind(("textphone",)),
    "Primary Phone": Kind(primary=True),
    "Company Main Phone": Kind(("work",), "Company Main"),
    "Assistant's Phone": Kind(label="Assistant"),
    "Callback": Kind(label="Callback"),
    "Radio Phone": Kind(label="Radio"),
    "Telex": Kind(label="Telex"),
}
#: A header with this many known names, and half of all, is Outlook's if not all are common.
_TELLING = 4
_COMMON = frozenset(_NAMES) | frozenset(_TEXTS) | {"Department", "E-mail Address", "Mobile Phone"}


def outlook_layout(keys: Sequence[str]) -> tuple[TableShape, Layout] | None:
    """Return the layout of a header that Outlook wrote; None for any other."""
    language, names = max(
        ((language, _translated(keys, language)) for language in LANGUAGES),
        key=lambda pair: sum(name is not None for name in pair[1]),
    )
    known = {name for name in names if name}
    if len(known) < max(_TELLING, len(keys) / 2) or known <= _COMMON:
        return None
    targets = apart([_targets().get(name or "") for name in names])
    dates = MONTH_FIRST if language == "English" else DAY_FIRST
    return TableShape.OUTLOOK, Layout(targets, dates=dates)


def _translated(keys: Sequence[str], language: str) -> list[str | None]:
    """Return the English names of columns; the French `Titre` means two, one after the other."""
    dictionary = _dictionary(language)
    seen: dict[str, int] = {}
    names: list[str | None] = []
    for key in keys:
        meanings = dictionary.get(key, ())
        place = seen.get(key, 0)
        seen[key] = place + 1
        names.append(meanings[place] if place < len(meanings) else None)
    return names


@cache
def _dictionary(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the English names by the keys of a language's own; English itself goes as well."""
    dictionary: dict[str, tuple[str, ...]] = {}
    for name, own in LANGUAGES[language].items():
        for alternative in own.split("|"):
            key = header_key(alternative)
            dictionary[key] = (*dictionary.get(key, ()), name)
    for name in _targets():
        dictionary.setdefault(header_key(name), (name,))
    return dictionary


@cache
def _targets() -> Mapping[str, Target]:
    return dict(_each_target())


def _each_target() -> Iterator[tuple[str, Target]]:
    for name, part in _NAMES.items():
        yield name, Target(Thing.NAME, part)
    for name, part in _TEXTS.items():
        yield name, Target(Thing.TEXT, part)
    yield "Department", Target(Thing.LIST, "units")
    yield "Web Page", Target(Thing.LINK)
    yield "Personal Web Page", Target(Thing.LINK, place="home", kind=_HOME)
    for name in ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address"):
        yield name, Target(Thing.EMAIL, place=name)
    for name, kind in _PHONES.items():
        yield name, Target(Thing.PHONE, VALUE, name, kind)
    for place, kind in (("Business", _WORK), ("Home", _HOME), ("Other", _OTHER)):
        for name, part in _ADDRESS_PARTS.items():
            yield f"{place} {name}", Target(Thing.ADDRESS, part, place, kind)

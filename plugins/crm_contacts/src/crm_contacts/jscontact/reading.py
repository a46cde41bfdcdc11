"""Reading a card of JSContact (RFC 9553) as the properties of a vCard, by RFC 9555."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeGuard

from crm_contacts.jcard import property_of as property_of_jcard
from crm_contacts.jscontact.employers import Employers
from crm_contacts.jscontact.identity import is_default_id, made_up_uid, with_id
from crm_contacts.jscontact.kinds import BY_NAME, COLLECTIONS
from crm_contacts.jscontact.labels import labelled
from crm_contacts.jscontact.objects import (
    JsonObject,
    name_of,
    object_of,
    properties_of_name,
    property_of,
)
from crm_contacts.jscontact.pointers import kept, unsaid
from crm_contacts.jscontact.single import (
    SINGLE,
    set_properties,
    single_property,
    single_value,
)
from crm_contacts.jscontact.writing import PROPS
from crm_contacts.vcard import Property, VCard, VCardError, usable_card

NOT_A_CARD = 'not a JSContact card: it is no object with "@type": "Card"'

_TYPE = "@type"
_SETS = frozenset({"keywords", "members", "relatedTo"})
#: Members by which an object without a type is taken for a card.
_TELLING = frozenset({"name", "emails", "phones", "organizations", PROPS})


def read_jscontact(document: object) -> VCard:
    """Read a card of JSContact.

    What no property of vCard says is kept as JSPROP (RFC 9555, section 3.2), such that
    `write_jscontact` puts it back. The identifier of an object becomes PROP-ID, unless it is
    the one that would be made up for it.

    :raises VCardError: if this is no card, or nothing in it could stand for a contact
    """
    if not is_jscontact(document):
        raise VCardError(NOT_A_CARD)
    return usable_card("4.0", _Reading(document).properties())


def is_jscontact(document: object) -> TypeGuard[JsonObject]:
    """Whether a JSON value has the form of a card of JSContact."""
    if not isinstance(document, dict):
        return False
    kind = document.get(_TYPE)
    return kind == "Card" or (kind is None and not _TELLING.isdisjoint(document))


class _Reading:
    """One card as its properties come up."""

    def __init__(self, card: JsonObject) -> None:
        self._card = card
        self._employers = Employers(card)
        self._found: list[tuple[Property, str | None]] = []
        self._places: Counter[str] = Counter()
        self._kept: list[Property] = []

    def properties(self) -> list[Property]:
        """Return all properties."""
        for name, value in self._card.items():
            if name not in {_TYPE, "version", PROPS}:
                self._take(name, value)
        if self._card.get("version", "1.0") != "1.0":
            self._keep(self._card["version"], "version")
        said = self._card.get(PROPS, [])
        if isinstance(said, list):
            verbatim = list(map(property_of_jcard, said))
            whole = {single_value(found)[:2] for found in verbatim if found.name in SINGLE}
            self._found = [item for item in self._found if not self._is_said(item[0], whole)]
            self._found += [(found, None) for found in verbatim]
        else:
            self._keep(said, PROPS)
        return [*labelled(self._found), *self._kept]

    def _take(self, name: str, value: Any) -> None:
        single = single_property(name, value)
        several = set_properties(name, value) if name in _SETS else None
        if name == "uid" and value == made_up_uid(self._card):
            return
        if single is not None:
            self._add(single)
        elif several is not None:
            for found in several:
                self._add(found)
        elif name == "name" and isinstance(value, dict):
            self._take_name(value)
        elif name in COLLECTIONS and isinstance(value, dict) and value:
            for identifier, said in value.items():
                grouped = self._employers.grouped(name, identifier, said)
                self._take_object(name, identifier, grouped)
        else:
            self._keep(value, name)

    def _take_name(self, said: JsonObject) -> None:
        found = properties_of_name(said)
        first = {item.name: item for item in found}
        again = name_of(first.get("FN"), first.get("N"))
        for item in found:
            self._add(item)
        for member, value in unsaid(said, again).items():
            self._keep(value, "name", member)

    def _take_object(self, collection: str, identifier: str, said: Any) -> None:
        label, plain = None, said
        if isinstance(said, dict) and isinstance(said.get("label"), str):
            label = said["label"].replace("\0", "")
            plain = {name: value for name, value in said.items() if name != "label"}
        found = property_of(collection, plain) if isinstance(plain, dict) else None
        if found is None:
            self._keep(said, collection, identifier)
            return
        kind = BY_NAME[found.name]
        rest = unsaid(plain, object_of(kind, found) or {})
        rest = {name: value for name, value in rest.items() if kind.implied.get(name) != value}
        if rest or not is_default_id(identifier, kind.letter, 1 + self._places[collection]):
            found = with_id(found, identifier)
        self._add(found, label)
        for member, value in rest.items():
            self._keep(value, collection, identifier, member)

    def _add(self, found: Property, label: str | None = None) -> None:
        self._found.append((found, label))
        if found.name in BY_NAME:
            self._places[BY_NAME[found.name].collection] += 1

    @staticmethod
    def _is_said(found: Property, whole: set[tuple[str, str | None]]) -> bool:
        """Whether a member that a card has one of is said by a property, and that says more."""
        return found.name in SINGLE and single_value(found)[:2] in whole

    def _keep(self, value: object, *path: str) -> None:
        self._kept.append(kept(path, value))

"""Writing a card as JSContact (RFC 9553), by the rules of RFC 9555."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.jcard import jcard_property
from crm_contacts.jscontact.employers import name_organisations
from crm_contacts.jscontact.identity import made_up_uid, taken_id
from crm_contacts.jscontact.kinds import BY_NAME
from crm_contacts.jscontact.labels import Labels
from crm_contacts.jscontact.objects import JsonObject, name_of, object_of
from crm_contacts.jscontact.pointers import put_back
from crm_contacts.jscontact.single import SINGLE, keywords, relations, single_value
from crm_contacts.vcard import Property, VCard, escape, is_filled, split_items

#: The order in which members stand; others come behind them.
_ORDER = (
    *("@type", "version", "uid", "kind", "created", "updated", "prodId", "name", "nicknames"),
    *("organizations", "titles", "emails", "phones", "onlineServices", "addresses", "links"),
)
PROPS = "vCardProps"


def write_jscontact(card: VCard) -> JsonObject:
    """Return a card as JSContact of version 1.0, for which `read_jscontact` gives it back.

    That is the same properties in another order: what JSContact has no place for is in
    `vCardProps`, and what its places leave open in a line of vCard 4.0 beside them. A card
    without a UID gets one that is the same whenever the card is.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    return _Writing(card.properties).document()


class _Writing:
    """One card as it fills up."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._properties = properties
        self._labels = Labels(properties)
        self._card: JsonObject = {"@type": "Card", "version": "1.0"}
        self._kept: list[Property] = []
        self._verbatim: set[str] = set()
        self._single: dict[str, Property] = {}

    def document(self) -> JsonObject:
        """Return the card."""
        waiting = self._without_name()
        for name, put in (
            ("CATEGORIES", keywords), ("MEMBER", relations), ("RELATED", relations),
        ):  # fmt: skip
            said = [found for found in waiting if found.name == name]
            members = put(said) if said else None
            if members is not None:
                self._card |= members
                waiting = [found for found in waiting if found.name != name]
        for found in waiting:
            if not self._put(found):
                self._kept.append(found)
        props = [jcard_property(found) for found in self._kept if not put_back(found, self._card)]
        if props:
            self._card[PROPS] = props
        name_organisations(self._card)
        self._card.setdefault("uid", made_up_uid(self._card))
        ordered = {name: self._card[name] for name in _ORDER if name in self._card}
        return ordered | self._card

    def _without_name(self) -> list[Property]:
        """Put the name, and return the properties that do not say it."""
        first: dict[str, Property] = {}
        for found in self._properties:
            if found.name in {"FN", "N"} and is_filled(found):
                first.setdefault(found.name, found)
        if first:
            self._card["name"] = name_of(first.get("FN"), first.get("N"))
        used = {id(found) for found in first.values()}
        return [found for found in self._properties if id(found) not in used]

    def _put(self, found: Property) -> bool:
        """Put a property into its place, if there is one."""
        if self._labels.is_said(found):
            return True
        if found.name in SINGLE:
            return self._put_single(found)
        if found.name == "NICKNAME" and not found.parameters and not found.group:
            names = split_items(found.value)
            if all(name.strip() == name != "" for name in names):
                items = [Property(found.name, escape(name)) for name in names]
                if ",".join(item.value for item in items) == found.value:
                    return all(map(self._put_object, items))
        return self._put_object(found)

    def _put_single(self, found: Property) -> bool:
        member, value, exact = single_value(found)
        if value is None:
            return False
        if member not in self._card:
            self._card[member] = value
            self._single[member] = found
            return exact
        first = self._single.get(member)
        if first is not None and value == self._card[member]:
            # Who finds the same among `vCardProps` passes over the member.
            del self._single[member]
            if single_value(first)[2]:
                self._kept.insert(0, first)
        return False

    def _put_object(self, found: Property) -> bool:
        kind = BY_NAME.get(found.name)
        if kind is None or not is_filled(found) or found.name in self._verbatim:
            return False
        objects: JsonObject = self._card.get(kind.collection, {})
        label, bare = self._labels.of(found)
        identifier, bare = taken_id(bare, kind.letter, objects)
        said = object_of(kind, bare)
        if said is None:
            # What comes behind it must not stand before it: the first one counts.
            self._verbatim.add(found.name)
            return False
        if label is not None:
            said["label"] = label
        self._card.setdefault(kind.collection, objects)[identifier] = said
        return True

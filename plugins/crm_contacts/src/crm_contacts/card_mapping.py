"""From a vCard to a contact: every property ends up in a field or in the raw bag."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm_contacts.card_channels import PREFERRED, Channels
from crm_contacts.card_groups import CHANNELS, LABEL, Groups
from crm_contacts.card_positions import Positions, organisation, scalar
from crm_contacts.contract import ContactDraft, ContactKind, Name, RawProperty
from crm_contacts.tag_names import MAX_TAGS, is_tag_name, tag_key
from crm_contacts.vcard import Property, VCard, is_filled, split_fields, split_items

KINDS = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})

_SCALARS = frozenset({"FN", "UID", "TITLE", "ROLE", "BDAY", "NOTE"})
_DATE = re.compile(r"[-0-9][-+.:0-9TZ]*")
_NAME_PARTS = 5
#: Where a displayed name comes from if neither FN nor the parts of N give one.
_NAME_SOURCES = ("ORG", "NICKNAME", "EMAIL", "TEL", "URL", "IMPP", "N")


def draft_from_card(card: VCard) -> ContactDraft:
    """Return the contact that `card` describes, with what no field stands for in `raw`.

    The first of several names, organisations, titles, notes and the like fills the field, the
    others go to `raw`. A property whose field cannot hold all of it (`N;LANGUAGE=en:…`) fills
    the field and is kept in `raw` as well. A name without any part says nothing. The most
    preferred email, phone, address and link is the primary one; of several that are the same
    in other languages (ALTID, RFC 6350, section 5.4) the others go to `raw`. Jobs that a group of
    their own tells, or a property of ours, are positions. The group of an
    email, phone, address or link that others share becomes its parameter GROUP, as in jCard
    (RFC 7095, section 7.1).
    """
    mapping = _Mapping(card)
    for found in card.properties:
        mapping.take(found)
    return mapping.draft()


class _Mapping:
    """The fields of one contact as they fill up."""

    def __init__(self, card: VCard) -> None:
        self._card = card
        self._groups = Groups(card.properties)
        self._channels = Channels(card.properties, self._groups)
        self._positions = Positions(card.properties)
        self._scalars: dict[str, str] = {}
        self._name_parts: list[str | None] | None = None
        self._organisation: tuple[str | None, tuple[str, ...]] = (None, ())
        self._kind: ContactKind | None = None
        self._nicknames: dict[str, None] = {}
        self._tags: dict[str, str] = {}
        self._raw: list[RawProperty] = []

    def take(self, found: Property) -> None:
        """Put one property into its field, or into the raw bag, or into both."""
        if found.name in CHANNELS:
            kept = self._channels.take(found)
        elif found.name == LABEL:
            kept = self._groups.is_carried(found)
        elif self._positions.take(found):
            kept = True
        else:
            filled = is_filled(found)
            kept = filled and self._field(found) and not says_more(found, self._groups)
            kept = kept or (not filled and found == Property("N", found.value))
        if not kept:
            self._raw.append(
                RawProperty(
                    name=found.name,
                    value=found.value,
                    group=found.group,
                    parameters=found.parameters,
                )
            )

    def draft(self) -> ContactDraft:
        """Return the contact once every property is taken."""
        name, (employer, units) = self._name(), self._organisation
        return ContactDraft(
            name=name,
            kind=self._kind or implied_kind(self._card.properties, name, employer),
            uid=self._scalars.get("UID"),
            nicknames=tuple(self._nicknames),
            organisation=employer,
            units=units,
            title=self._scalars.get("TITLE"),
            role=self._scalars.get("ROLE"),
            birthday=self._scalars.get("BDAY"),
            note=self._scalars.get("NOTE"),
            emails=tuple(self._channels.emails),
            phones=tuple(self._channels.phones),
            addresses=tuple(self._channels.addresses),
            links=tuple(self._channels.links),
            positions=self._positions.positions(),
            tags=tuple(self._tags.values()),
            raw=tuple(self._raw),
        )

    def _field(self, found: Property) -> bool:
        """Put a property into its field; False if there is none or it does not fit."""
        fits = False
        if found.name in _SCALARS and found.name not in self._scalars:
            self._scalars[found.name] = scalar(found)
            fits = True
        elif found.name == "N" and self._name_parts is None:
            self._name_parts, fits = name_parts(found)
        elif found.name == "ORG" and self._organisation == (None, ()):
            self._organisation = organisation(found)
            fits = True
        elif found.name == "NICKNAME":
            self._nicknames.update(dict.fromkeys(nicknames(found)))
            fits = True
        elif found.name == "CATEGORIES":
            fits = self._are_tags(found)
        elif found.name in KINDS:
            value = found.value.strip().lower()
            fits = value in set(ContactKind) and self._kind in {None, value}
            self._kind = ContactKind(value) if fits else self._kind
        return fits

    def _are_tags(self, found: Property) -> bool:
        """Take categories as tags: all of them, unless they are more than words."""
        names = [name for name in _stripped(split_items(found.value)) if name]
        if says_more(found, self._groups) or not all(map(is_tag_name, names)):
            return False
        united = {tag_key(name): name for name in reversed(names)} | self._tags
        if len(united) > MAX_TAGS:
            return False
        for name in names:
            self._tags.setdefault(tag_key(name), name)
        return True

    def _name(self) -> Name:
        parts = self._name_parts or [None] * _NAME_PARTS
        family, given, additional, prefix, suffix = parts
        spoken = " ".join(filter(None, (prefix, given, additional, family, suffix)))
        return Name(
            full=self._scalars.get("FN") or spoken or self._substitute_name(),
            given=given,
            family=family,
            additional=additional,
            prefix=prefix,
            suffix=suffix,
        )

    def _substitute_name(self) -> str:
        for source in _NAME_SOURCES:
            for found in self._card.properties:
                if found.name == source and is_filled(found):
                    split = split_items if source == "NICKNAME" else split_fields
                    parts = filter(None, _stripped(split(found.value)))
                    return next(parts, found.value.strip())
        return ""


def implied_kind(
    properties: Iterable[Property], name: Name, organisation: str | None
) -> ContactKind:
    """Tell an organisation from a person where no KIND does."""
    if any(
        found.name == "X-ABSHOWAS" and found.value.strip().upper() == "COMPANY"
        for found in properties
    ):
        return ContactKind.ORG
    parts = (name.family, name.given, name.additional, name.prefix, name.suffix)
    if organisation and name.full.casefold() == organisation.casefold() and not any(parts):
        return ContactKind.ORG
    return ContactKind.INDIVIDUAL


def says_more(found: Property, groups: Groups) -> bool:
    """Whether a field holds the value of `found`, but not all that qualifies it."""
    if found.group and (groups.shares(found) or groups.is_labelled(found)):
        return True
    if not found.parameters:
        return False
    value_type = "date" if found.name == "BDAY" and is_date(scalar(found)) else "text"
    return any(
        (name, values) != ("PREF", PREFERRED)
        and (name, "".join(values[:1]).lower()) not in {("TYPE", "pref"), ("VALUE", value_type)}
        for name, values in found.parameters
    )


def is_date(text: str) -> bool:
    """Whether `text` is a date and not the words for one, which version 4.0 tells apart."""
    return bool(_DATE.fullmatch(text))


def name_parts(found: Property) -> tuple[list[str | None], bool]:
    """Return the five parts of an N, and whether there are no others."""
    parts = _stripped(split_fields(found.value))
    padded = (parts + [""] * _NAME_PARTS)[:_NAME_PARTS]
    return [part or None for part in padded], not any(parts[_NAME_PARTS:])


def nicknames(found: Property) -> list[str]:
    """Return the names that a NICKNAME lists."""
    return [name for name in _stripped(split_items(found.value)) if name]


def _stripped(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts]

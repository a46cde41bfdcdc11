"""From a vCard to a contact: every property ends up in a field or in the raw bag."""

from __future__ import annotations

from crm_contacts.card_channels import CHANNELS, LABEL, PREFERRED, Channels, Groups
from crm_contacts.contract import ContactDraft, ContactKind, Name, RawProperty
from crm_contacts.vcard import Property, VCard, is_filled, split_fields, split_items, unescape

_SCALARS = frozenset({"FN", "UID", "TITLE", "ROLE", "BDAY", "NOTE"})
_KINDS = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})
_NAME_PARTS = 5
#: Where a displayed name comes from if neither FN nor the parts of N give one.
_NAME_SOURCES = ("ORG", "NICKNAME", "EMAIL", "TEL", "URL", "IMPP", "N")


def draft_from_card(card: VCard) -> ContactDraft:
    """Return the contact that `card` describes, with what no field stands for in `raw`.

    The first of several names, organisations, titles, notes and the like fills the field, the
    others go to `raw`. A property whose field cannot hold all of it (`N;LANGUAGE=en:…`) fills
    the field and is kept in `raw` as well. The group of an email, phone, address or link that
    others share becomes its parameter GROUP, as in jCard (RFC 7095, section 7.1).
    """
    mapping = _Mapping(card)
    for found in card.properties:
        mapping.take(found)
    return mapping.draft()


class _Mapping:
    """The fields of one contact as they fill up."""

    def __init__(self, card: VCard) -> None:
        self._card = card
        self._groups = Groups(card)
        self._channels = Channels(self._groups)
        self._scalars: dict[str, str] = {}
        self._name_parts: list[str | None] | None = None
        self._organisation: list[str] | None = None
        self._kind: ContactKind | None = None
        self._nicknames: dict[str, None] = {}
        self._raw: list[RawProperty] = []

    def take(self, found: Property) -> None:
        """Put one property into its field, or into the raw bag, or into both."""
        if found.name in CHANNELS:
            kept = self._channels.take(found)
        elif found.name == LABEL:
            kept = self._groups.is_carried(found)
        else:
            kept = is_filled(found) and self._field(found) and not self._says_more(found)
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
        organisation, *units = self._organisation or [""]
        name = self._name()
        return ContactDraft(
            name=name,
            kind=self._kind or self._kind_of(name, organisation),
            uid=self._scalars.get("UID"),
            nicknames=tuple(self._nicknames),
            organisation=organisation or None,
            units=tuple(unit for unit in units if unit),
            title=self._scalars.get("TITLE"),
            role=self._scalars.get("ROLE"),
            birthday=self._scalars.get("BDAY"),
            note=self._scalars.get("NOTE"),
            emails=tuple(self._channels.emails),
            phones=tuple(self._channels.phones),
            addresses=tuple(self._channels.addresses),
            links=tuple(self._channels.links),
            raw=tuple(self._raw),
        )

    def _field(self, found: Property) -> bool:
        """Put a property into its field; False if there is none or it does not fit."""
        fits = False
        if found.name in _SCALARS and found.name not in self._scalars:
            text = unescape(found.value)
            self._scalars[found.name] = text if found.name == "NOTE" else text.strip()
            fits = True
        elif found.name == "N" and self._name_parts is None:
            parts = _stripped(split_fields(found.value))
            padded = (parts + [""] * _NAME_PARTS)[:_NAME_PARTS]
            self._name_parts = [part or None for part in padded]
            fits = not any(parts[_NAME_PARTS:])
        elif found.name == "ORG" and self._organisation is None:
            self._organisation = _stripped(split_fields(found.value))
            fits = True
        elif found.name == "NICKNAME":
            names = _stripped(split_items(found.value))
            self._nicknames.update((name, None) for name in names if name)
            fits = True
        elif found.name in _KINDS:
            value = found.value.strip().lower()
            fits = value in set(ContactKind) and self._kind in {None, value}
            self._kind = ContactKind(value) if fits else self._kind
        return fits

    def _says_more(self, found: Property) -> bool:
        """Whether a field holds the value of `found`, but not all that qualifies it."""
        if found.group and (self._groups.shares(found) or self._groups.is_labelled(found)):
            return True
        default = "date" if found.name == "BDAY" else "text"
        return any(
            (name, values) != ("PREF", PREFERRED)
            and (name, values[0].lower()) not in {("TYPE", "pref"), ("VALUE", default)}
            for name, values in found.parameters
        )

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
                    return next(filter(None, _stripped(split(found.value))), found.value)
        return ""

    def _kind_of(self, name: Name, organisation: str) -> ContactKind:
        """Tell an organisation from a person where no KIND does."""
        shown_as_company = any(
            found.name == "X-ABSHOWAS" and found.value.strip().upper() == "COMPANY"
            for found in self._card.properties
        )
        named_after = organisation and name.full.casefold() == organisation.casefold()
        if shown_as_company or (named_after and not any(self._name_parts or ())):
            return ContactKind.ORG
        return ContactKind.INDIVIDUAL


def _stripped(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts]

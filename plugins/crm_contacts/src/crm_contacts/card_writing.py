"""From a contact to a vCard of version 3.0 or 4.0 that is read as the same contact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from crm_contacts.card_custom import custom_lines
from crm_contacts.card_groups import Groups
from crm_contacts.card_mapping import (
    KINDS,
    draft_from_card,
    implied_kind,
    is_date,
    name_parts,
    nicknames,
    says_more,
)
from crm_contacts.card_positions import grouped_lines, organisation, plain_lines, scalar
from crm_contacts.channel_writing import FRONT, ChannelWriting
from crm_contacts.contract import ContactDraft, ContactKind, VCardVersion
from crm_contacts.vcard import (
    Property,
    VCard,
    escape,
    is_filled,
    write_properties,
)


def write_card(draft: ContactDraft, version: VCardVersion) -> bytes:
    """Return `draft` as a card in UTF-8; `draft_from_card(read_card(…))` of it is `draft`.

    Custom values are those once `with_custom` has taken them. That holds in both versions for
    whatever a card was read as, normalised forms aside, which no card says. What no card can say
    is brought into the form in which it is read: white space around texts goes (not that of a
    note), line breaks become LF, NUL goes, types are in lower case and cut at commas, an empty text
    is none, binary values say ENCODING last, the one with
    the lowest PREF of a list without a primary is it, and a raw property whose field is empty
    fills it. A type with a comma, as 2.1 may hold one in quotes or without them, becomes two; a
    GROUP parameter becomes one with the group beside it if the channel leaves that group. Texts
    are written as they are, dates too; no clock is asked for REV.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    return write_properties(card_from_draft(draft, version).properties, version)


def card_from_draft(draft: ContactDraft, version: VCardVersion) -> VCard:
    """Return the properties of the card that `draft` is written as.

    A raw property that says what a field does and more stands for that field. A label becomes
    the X-ABLabel of a group; version 3.0 has no KIND, but Apple's X-ADDRESSBOOKSERVER-KIND.
    Jobs are X-MEISHI-POSITION; further current ones share a group with an ORG, a TITLE and a ROLE.
    Custom values are X-MEISHI-CUSTOM and the key of their field.
    """
    custom = tuple(custom_lines(draft.custom))
    properties = (
        Property(item.name.upper(), item.value, item.group, item.parameters) for item in draft.raw
    )
    raw = tuple(found for found in properties if found not in custom)
    channels = ChannelWriting(draft, raw, version).behind
    groups = Groups((*chain.from_iterable(channels.values()), *raw))
    nicks = _nickname_lines(draft, raw)
    written = [*_Fields(draft, version, raw, groups).lines(), *custom]
    for place in range(FRONT, len(raw)):
        if place != FRONT:
            written.append(raw[place])
        written += nicks.get(place, ())
        written += channels.get(place, ())
    return _with_positions(VCard(version, tuple(written)), draft)


def _with_positions(card: VCard, draft: ContactDraft) -> VCard:
    """Return a card with the jobs of a contact, for other programs too where that says the same."""
    if not draft.positions:
        return card
    plain = replace(card, properties=(*card.properties, *plain_lines(draft.positions)))
    lines = grouped_lines(draft, card.properties)
    if lines is None:
        return plain
    grouped = replace(card, properties=(*card.properties, *lines))
    return grouped if draft_from_card(grouped) == draft_from_card(plain) else plain


class _Fields:
    """The lines of the fields that a contact has one of."""

    def __init__(
        self,
        draft: ContactDraft,
        version: VCardVersion,
        raw: Sequence[Property],
        groups: Groups,
    ) -> None:
        self._draft = draft
        self._version = version
        self._raw = raw
        self._groups = groups

    def lines(self) -> Iterator[Property]:
        """Yield the lines that no raw property stands for."""
        draft = self._draft
        texts = {"FN": draft.name.full, "UID": draft.uid, "TITLE": draft.title}
        texts |= {"ROLE": draft.role, "BDAY": draft.birthday, "NOTE": draft.note}
        kind = self._kind()
        if kind is not None:
            yield kind
        for name, text in texts.items():
            if text and text.strip() and not self._is_said(name, scalar, text):
                yield self._text(name, text)
            if name == "FN":
                yield from self._name()
        employer = (draft.organisation, draft.units)
        if any(employer) and not self._is_said("ORG", organisation, employer):
            units = (draft.organisation or "", *draft.units)
            yield Property("ORG", ";".join(map(escape, units)))
        if draft.tags:
            yield Property("CATEGORIES", ",".join(map(escape, draft.tags)))

    def _name(self) -> Iterator[Property]:
        name = self._draft.name
        parts = [name.family, name.given, name.additional, name.prefix, name.suffix]
        needed = self._version is VCardVersion.V3 and not self._filled("N")
        if any(parts) or needed:
            for found in self._filled("N")[:1]:
                read, fits = name_parts(found)
                if read == parts and (not fits or says_more(found, self._groups)):
                    return
            yield Property("N", ";".join(escape(part or "") for part in parts))

    def _text(self, name: str, text: str) -> Property:
        value = escape(text)
        in_words = name == "BDAY" and not is_date(text.strip())
        if in_words and self._version is VCardVersion.V4:
            return Property(name, value, None, (("VALUE", ("text",)),))
        return Property(name, value)

    def _kind(self) -> Property | None:
        draft = self._draft
        kinds = [found for found in self._raw if found.name in KINDS and _is_kind(found)]
        if kinds:
            needed = not (_read_kind(kinds[0]) == draft.kind and says_more(kinds[0], self._groups))
        else:
            implied = implied_kind(self._raw, draft.name, draft.organisation)
            needed = {draft.kind, implied} != {ContactKind.INDIVIDUAL}
        if not needed:
            return None
        is_apple = self._version is VCardVersion.V3
        return Property("X-ADDRESSBOOKSERVER-KIND" if is_apple else "KIND", draft.kind.value)

    def _is_said(self, name: str, read: Callable[[Property], object], value: object) -> bool:
        """Whether a raw property fills the field with `value`, and is kept as it says more."""
        return any(
            read(found) == value and says_more(found, self._groups)
            for found in self._filled(name)[:1]
        )

    def _filled(self, name: str) -> list[Property]:
        return [found for found in self._raw if found.name == name and is_filled(found)]


def _read_kind(found: Property) -> str:
    return found.value.strip().lower()


def _is_kind(found: Property) -> bool:
    return _read_kind(found) in set(ContactKind)


def _nickname_lines(draft: ContactDraft, raw: Sequence[Property]) -> dict[int, list[Property]]:
    """Return lines by the raw property to stand behind, such that the order of all stays."""
    said = {
        place: nicknames(found)
        for place, found in enumerate(raw)
        if found.name == "NICKNAME" and is_filled(found)
    }
    own: dict[int, list[str]] = {}
    behind = FRONT
    for name in draft.nicknames:
        place = next((place for place, names in said.items() if name in names), None)
        if place is None:
            own.setdefault(behind, []).append(name)
        else:
            behind = max(behind, place)
    read = [
        name
        for place in sorted({*own, *said})
        for name in (*said.get(place, ()), *own.get(place, ()))
    ]
    if tuple(dict.fromkeys(read)) != draft.nicknames and draft.nicknames:
        own = {FRONT: list(draft.nicknames)}
    return {
        place: [Property("NICKNAME", ",".join(map(escape, names)))] for place, names in own.items()
    }

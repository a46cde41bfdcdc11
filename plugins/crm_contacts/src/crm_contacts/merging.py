"""Merging two copies of a contact such that nothing of either is lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from itertools import count
from typing import TypeVar

from crm_contacts.address_forms import address_key
from crm_contacts.contract import (
    Address,
    ContactDraft,
    ContactKind,
    CustomValue,
    Email,
    Link,
    Name,
    Parameters,
    Phone,
    RawProperty,
)
from crm_contacts.custom_values import text_of
from crm_contacts.normal_forms import (
    date_form,
    email_form,
    link_form,
    phone_form,
    text_form,
)
from crm_contacts.positions import united_positions
from crm_contacts.vcard import escape

_Channel = TypeVar("_Channel", Email, Phone, Address, Link)
CustomValues = tuple[tuple[str, CustomValue], ...]

_NAME_PARTS = ("family", "given", "additional", "prefix", "suffix")
_PREFERRED = ("PREF", ("1",))


def merge_drafts(stored: ContactDraft, incoming: ContactDraft) -> ContactDraft:
    """Return `stored` with what `incoming` adds; merging the same draft again changes nothing.

    Empty fields are filled and missing list values appended, compared in their normal forms.
    Where both know something different, `stored` keeps its field and the other value becomes
    a raw property. A stored kind `individual` counts as unknown.
    """
    groups = _new_groups(stored, incoming)
    merge = _Merge(stored.raw)
    name = merge.name(stored.name, incoming.name)
    organisation, units = merge.organisation(stored, incoming)
    merged = replace(
        stored,
        name=name,
        kind=merge.kind(stored.kind, incoming.kind),
        uid=merge.scalar("UID", stored.uid, incoming.uid, form=_same),
        nicknames=_united(stored.nicknames, incoming.nicknames, text_form),
        organisation=organisation,
        units=units,
        title=merge.scalar("TITLE", stored.title, incoming.title),
        role=merge.scalar("ROLE", stored.role, incoming.role),
        birthday=merge.scalar("BDAY", stored.birthday, incoming.birthday, form=date_form),
        note=merge.scalar("NOTE", stored.note, incoming.note),
        emails=_channels(stored.emails, incoming.emails, email_form, groups),
        phones=_channels(stored.phones, incoming.phones, phone_form, groups),
        addresses=_channels(stored.addresses, incoming.addresses, address_key, groups),
        links=_channels(stored.links, incoming.links, link_form, groups),
        positions=united_positions(stored.positions, incoming.positions),
        tags=_united(stored.tags, incoming.tags, text_form),
        custom=merge.custom(stored.custom, incoming.custom),
    )
    for found in incoming.raw:
        group = groups.get(found.group, found.group) if found.group else None
        merge.keep(replace(found, group=group))
    return replace(merged, raw=tuple(merge.raw))


class _Merge:
    """The raw bag of the merged contact while its fields are decided."""

    def __init__(self, raw: tuple[RawProperty, ...]) -> None:
        self.raw = list(raw)
        self._known = set(raw)

    def keep(self, found: RawProperty) -> None:
        """Add a raw property unless it is there already."""
        if found not in self._known:
            self._known.add(found)
            self.raw.append(found)

    def scalar(
        self,
        name: str,
        stored: str | None,
        incoming: str | None,
        *,
        form: Callable[[str | None], str] = text_form,
    ) -> str | None:
        """Return the value of a field; a different incoming one becomes the property `name`."""
        if not incoming or form(stored) == form(incoming):
            return stored or incoming
        if not stored:
            return incoming
        self.keep(RawProperty(name=name, value=escape(incoming)))
        return stored

    def custom(self, stored: CustomValues, incoming: CustomValues) -> CustomValues:
        """Return both's values by key; a different incoming one becomes a raw property."""
        united = dict(stored)
        for key, value in incoming:
            if united.setdefault(key, value) != value:
                name = f"X-CUSTOM-{key.replace('_', '-').upper()}"
                self.keep(RawProperty(name=name, value=escape(text_of(value))))
        return tuple(sorted(united.items()))

    def kind(self, stored: ContactKind, incoming: ContactKind) -> ContactKind:
        """Return the stored kind, unless it is no more than the default."""
        if stored is ContactKind.INDIVIDUAL or incoming is ContactKind.INDIVIDUAL:
            return incoming if stored is ContactKind.INDIVIDUAL else stored
        return ContactKind(self.scalar("KIND", stored.value, incoming.value) or stored)

    def name(self, stored: Name, incoming: Name) -> Name:
        """Return the stored name with the parts it lacks, if the known ones agree."""
        full = self.scalar("FN", stored.full, incoming.full) or ""
        known: dict[str, str | None] = {part: getattr(stored, part) for part in _NAME_PARTS}
        other: dict[str, str | None] = {part: getattr(incoming, part) for part in _NAME_PARTS}
        if any(
            known[part] and other[part] and text_form(known[part]) != text_form(other[part])
            for part in _NAME_PARTS
        ):
            written = ";".join(escape(other[part] or "") for part in _NAME_PARTS)
            self.keep(RawProperty(name="N", value=written))
            return replace(stored, full=full)
        parts = {part: known[part] or other[part] for part in _NAME_PARTS}
        return Name(full=full, **parts)

    def organisation(
        self, stored: ContactDraft, incoming: ContactDraft
    ) -> tuple[str | None, tuple[str, ...]]:
        """Return organisation and units, which belong together."""
        known = (stored.organisation, stored.units)
        other = (incoming.organisation, incoming.units)
        if not any(known):
            return other
        agrees = not other[0] or text_form(known[0]) == text_form(other[0])
        if agrees and not known[1]:
            return known[0], other[1]
        if not agrees or (other[1] and _forms(known[1]) != _forms(other[1])):
            written = ";".join(escape(text) for text in (other[0] or "", *other[1]))
            self.keep(RawProperty(name="ORG", value=written))
        return known


def _channels(
    stored: tuple[_Channel, ...],
    incoming: tuple[_Channel, ...],
    form: Callable[[_Channel], Hashable],
    groups: dict[str, str],
) -> tuple[_Channel, ...]:
    merged = list(stored)
    known = {_identity(channel, form) for channel in stored}
    places: dict[Hashable, int] = {}
    for place, channel in sorted(enumerate(stored), key=lambda item: not item[1].primary):
        places.setdefault(form(channel), place)
    primary = next((form(channel) for channel in stored if channel.primary), None)
    for channel in incoming:
        key = form(channel)
        if channel.primary and primary is None:
            primary = key
        added = _qualified(channel, groups, primary=primary == key)
        if key not in places:
            places[key] = len(merged)
            merged.append(added)
        elif _identity(added, form) not in known:
            merged[places[key]] = _combined(merged[places[key]], added)
    return tuple(merged)


def _identity(channel: _Channel, form: Callable[[_Channel], Hashable]) -> Hashable:
    qualified = (channel.types, channel.label, channel.primary, bool(channel.verified))
    return form(channel), qualified, channel.parameters


def _qualified(channel: _Channel, groups: dict[str, str], *, primary: bool) -> _Channel:
    """Return an incoming channel as it may join the stored ones, of which one is primary."""
    parameters = tuple(
        (name, tuple(groups.get(value, value) for value in values) if name == "GROUP" else values)
        for name, values in channel.parameters
    )
    if channel.primary and not primary:
        parameters = _united_parameters(parameters, (_PREFERRED,))
    return replace(channel, primary=channel.primary and primary, parameters=parameters)


def _combined(stored: _Channel, incoming: _Channel) -> _Channel:
    parameters = incoming.parameters
    if stored.label and incoming.label and stored.label != incoming.label:
        parameters = _united_parameters(parameters, (("LABEL", (incoming.label,)),))
    return replace(
        stored,
        types=_united(stored.types, incoming.types, _same),
        label=stored.label or incoming.label,
        primary=stored.primary or incoming.primary,
        verified=stored.verified or incoming.verified,
        parameters=_united_parameters(stored.parameters, parameters),
    )


def _new_groups(stored: ContactDraft, incoming: ContactDraft) -> dict[str, str]:
    """Name the incoming groups such that `item1` of both does not become one group.

    A group keeps its name if that is free or the stored group has all its members, and takes
    the name of a stored group with the same members.
    """
    taken = _members(stored)
    homes = {frozenset(members): group for group, members in reversed(taken.items())}
    names: dict[str, str] = {}
    free = (f"item{number}" for number in count(1))
    for group, members in _members(incoming).items():
        name = group
        if not members <= taken.get(group, members):
            home = homes.get(frozenset(members))
            name = home or next(new for new in free if new not in taken)
        names[group] = name
        taken.setdefault(name, members)
        homes.setdefault(frozenset(members), name)
    return names


def _members(draft: ContactDraft) -> dict[str, set[Hashable]]:
    members: dict[str, set[Hashable]] = {}
    for found in draft.raw:
        if found.group:
            members.setdefault(found.group, set()).add((found.name, found.value, found.parameters))
    forms: Iterable[tuple[Parameters, Hashable]] = (
        *((email.parameters, email_form(email)) for email in draft.emails),
        *((phone.parameters, phone_form(phone)) for phone in draft.phones),
        *((address.parameters, address_key(address)) for address in draft.addresses),
        *((link.parameters, link_form(link)) for link in draft.links),
    )
    for parameters, form in forms:
        for group in dict(parameters).get("GROUP", ()):
            members.setdefault(group, set()).add(form)
    return members


def _united(
    stored: tuple[str, ...], incoming: tuple[str, ...], form: Callable[[str | None], str]
) -> tuple[str, ...]:
    known = {form(value) for value in stored}
    added: dict[str, str] = {}
    for value in incoming:
        if form(value) not in known:
            added.setdefault(form(value), value)
    return (*stored, *added.values())


def _united_parameters(stored: Parameters, incoming: Parameters) -> Parameters:
    united = dict(stored)
    for name, values in incoming:
        united[name] = _united(united.get(name, ()), values, _same)
    return tuple(united.items())


def _forms(texts: Iterable[str]) -> list[str]:
    return [text_form(text) for text in texts]


def _same(text: str | None) -> str:
    return text or ""

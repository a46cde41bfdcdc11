"""Emails, phones, addresses and links as the properties of a vCard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from crm_contacts.card_channels import PREFERRED, preference, qualifying
from crm_contacts.card_groups import LABEL, SCHEMES, Groups, address_parts, is_label, label_text
from crm_contacts.contract import (
    Address,
    ContactDraft,
    Email,
    Link,
    Parameters,
    Phone,
    VCardVersion,
)
from crm_contacts.vcard import Property, escape, escape_uri

Channel = Email | Phone | Address | Link

#: Where channels stand among the raw properties: behind none of them, or behind one by place.
FRONT = -1


class ChannelWriting:
    """The channels of one contact as properties, by the raw property that they stand behind.

    An address that a raw ADR says, and more, is not written twice; those after it come behind
    that ADR, so that their order stays.
    """

    def __init__(self, draft: ContactDraft, raw: Sequence[Property], version: VCardVersion) -> None:
        self._version = version
        self._raw = raw
        addresses = [item for item in draft.addresses if any(item.parts)]
        lists: dict[str, Sequence[Channel]] = {
            "EMAIL": draft.emails,
            "TEL": draft.phones,
            "ADR": addresses,
            "URL": draft.links,
        }
        self._said = dict(_said_addresses(addresses, raw))
        own = [
            item
            for name, items in lists.items()
            for index, item in enumerate(items)
            if (name, index) not in self._said
        ]
        self._groups = _Groups(own, raw)
        self.behind: dict[int, list[Property]] = {FRONT: []}
        for name, items in lists.items():
            self._write(name, items)

    def _write(self, name: str, items: Sequence[Channel]) -> None:
        place = FRONT
        said = {index: self._raw[at] for (kind, index), at in self._said.items() if kind == name}
        ranks = [
            preference(said[index].parameters if index in said else item.parameters)
            for index, item in enumerate(items)
        ]
        for index, item in enumerate(items):
            if index in said:
                place, group = self._said[name, index], said[index].group
            else:
                group = self._groups.of(item)
                parameters = self._parameters(item, ranks[:index], ranks[index:])
                line = Property(name, _value(name, item), group, parameters)
                self.behind.setdefault(place, []).append(line)
            if item.label is not None and group and self._groups.takes_label(group):
                label = Property(LABEL, escape(label_text(item.label)), group)
                # Before all raw properties, as the first label of a group is the one that counts.
                self.behind[FRONT].append(label)

    def _parameters(
        self, item: Channel, before: Sequence[int | None], after: Sequence[int | None]
    ) -> Parameters:
        types = [value for value in item.types if value.lower() != "pref"]
        parameters = list(item.parameters)
        if item.primary:
            self._prefer(types, parameters, before, after)
        if self._groups.is_kept(item):
            del parameters[_group_place(item)]
        return (("TYPE", tuple(types)), *parameters) if types else tuple(parameters)

    def _prefer(
        self,
        types: list[str],
        parameters: list[tuple[str, tuple[str, ...]]],
        before: Sequence[int | None],
        after: Sequence[int | None],
    ) -> None:
        """Say that a channel is the primary one, whatever the others prefer."""
        own = after[0]
        rank = 1 if own is None else own
        first = all(other is None or other > rank for other in before)
        wins = first and all(other is None or other >= rank for other in after[1:])
        # A PREF that says no preference is kept, and a second one beside it would not count.
        is_taken = own is None and any(name.upper() == "PREF" for name, _ in parameters)
        if self._version is VCardVersion.V3 or not wins or is_taken:
            types.append("pref")
        elif own is None:
            parameters.append(("PREF", PREFERRED))


class _Groups:
    """Which channels keep their group, and the new groups of those that only have a label."""

    def __init__(self, channels: Sequence[Channel], raw: Sequence[Property]) -> None:
        sizes = Counter(found.group.lower() for found in raw if found.group and found.name != LABEL)
        self._used = {found.group.lower() for found in raw if found.group}
        labels: dict[str, set[str | None]] = {}
        for channel in channels:
            group = _kept_group(channel).lower()
            labels.setdefault(group, set()).add(channel.label)
            sizes[group] += 1
        carried = {found.group.lower() for found in raw if found.group and is_label(found)}
        self._kept = {
            group
            for group, said_labels in labels.items()
            if group
            and sizes[group] > 1
            and len(said_labels) == 1
            and (group not in carried or None not in said_labels)
        }
        self._used |= self._kept
        self._labelled: set[str] = set()
        self._numbers = 0

    def is_kept(self, channel: Channel) -> bool:
        """Whether the group that a channel had is the one it is written in."""
        return _kept_group(channel).lower() in self._kept

    def of(self, channel: Channel) -> str | None:
        """Return the group to write a channel in."""
        if self.is_kept(channel):
            return _kept_group(channel)
        return self._new_group() if channel.label is not None else None

    def takes_label(self, group: str) -> bool:
        """Whether the label of this group is yet to be written."""
        is_new = group.lower() not in self._labelled
        self._labelled.add(group.lower())
        return is_new

    def _new_group(self) -> str:
        while True:
            self._numbers += 1
            group = f"item{self._numbers}"
            if group not in self._used:
                return group


def _said_addresses(
    addresses: Sequence[Address], raw: Sequence[Property]
) -> Iterator[tuple[tuple[str, int], int]]:
    """Yield the addresses that are the start of a longer ADR, and the place of that in `raw`."""
    waiting: list[tuple[int, tuple[str | None, ...], Property]] = []
    groups = Groups(raw)
    for place, found in enumerate(raw):
        if found.name == "ADR" and groups.text(found) is not None:
            parts, fits = address_parts(found)
            if not fits:
                waiting.append((place, tuple(parts), found))
    for number, address in enumerate(addresses):
        for index, (place, said, found) in enumerate(waiting):
            types, _ = qualifying(found, primary=address.primary)
            if said == address.parts and types == address.types:
                yield ("ADR", number), place
                del waiting[: index + 1]
                break


def _group_place(channel: Channel) -> int:
    """Return where the group that a channel shared is among its parameters."""
    names = [name for name, _ in channel.parameters]
    return len(names) - 1 - names[::-1].index("GROUP") if "GROUP" in names else FRONT


def _kept_group(channel: Channel) -> str:
    place = _group_place(channel)
    values = channel.parameters[place][1] if place != FRONT else ()
    return values[0] if len(values) == 1 else ""


def _value(name: str, channel: Channel) -> str:
    if isinstance(channel, Address):
        return ";".join(escape(part or "") for part in channel.parts)
    if isinstance(channel, Link):
        # Semicolons alone would be read as the parts of an empty value.
        return (
            escape_uri(channel.url) if channel.url.replace(";", "").strip() else escape(channel.url)
        )
    text = channel.address if isinstance(channel, Email) else channel.number
    scheme = SCHEMES[name]
    is_uri = ("VALUE", ("uri",)) in channel.parameters
    if is_uri or text.lower().startswith(scheme):
        return escape_uri(scheme + text)
    return escape(text)

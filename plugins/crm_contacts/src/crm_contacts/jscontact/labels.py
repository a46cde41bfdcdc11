"""Labels of objects, which a vCard has in lines of their own (RFC 9555, section 2.15)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crm_contacts.card_groups import CHANNELS, LABEL, Groups, is_label, label_text
from crm_contacts.jscontact.kinds import BY_NAME
from crm_contacts.vcard import Property, escape, is_filled, unescape


class Labels:
    """The labels of a card, by the properties that they are about."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._groups = Groups(properties)
        self._texts: dict[int, str] = {}
        self._said: set[int] = set()
        labels: dict[str, list[Property]] = defaultdict(list)
        others: dict[str, list[Property]] = defaultdict(list)
        for found in properties:
            if found.group:
                (labels if found.name == LABEL else others)[found.group.lower()].append(found)
        for group, (label, *more) in labels.items():
            alone = not more and len(others[group]) == 1
            if self._groups.is_carried(label):
                self._said.add(id(label))
            elif alone and _is_labelled(others[group][0], label):
                self._said.add(id(label))
                self._texts[id(others[group][0])] = unescape(label.value)

    def is_said(self, found: Property) -> bool:
        """Whether a property is a label that stands in the object which it is about."""
        return id(found) in self._said

    def of(self, found: Property) -> tuple[str | None, Property]:
        """Return the label of a property, and that without a group that only the label needs."""
        if found.name not in CHANNELS or self._groups.text(found) is None:
            return self._texts.get(id(found)), found
        label = self._groups.label(found)
        if label is not None and not self._groups.shares(found):
            return label, replace(found, group=None)
        return label, found


def labelled(found: Iterable[tuple[Property, str | None]]) -> list[Property]:
    """Return properties with the lines of their labels, in groups that are new if need be."""
    said = list(found)
    sizes = Counter(item.group.lower() for item, _ in said if item.group)
    number, result = 0, []
    carried: set[str] = set()
    for item, label in said:
        if label is None:
            result.append(item)
            continue
        group = item.group
        while not group:
            number += 1
            group = None if f"item{number}" in sizes else f"item{number}"
        result.append(replace(item, group=group))
        if group.lower() not in carried:
            carried.add(group.lower())
            text = label_text(label) if item.name in CHANNELS else label
            result.append(Property(LABEL, escape(text), group))
    return result


def _is_labelled(found: Property, label: Property) -> bool:
    """Whether the object of a property can say its label, such that it comes back."""
    regained = Property(LABEL, escape(unescape(label.value)), label.group)
    known = found.name in BY_NAME and found.name not in CHANNELS and is_filled(found)
    return known and is_label(label) and label == regained and found.group == label.group

"""Under what a contact is looked up: the words of searches, and the keys of duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_contacts.contract import ContactDraft
from crm_contacts.duplicates import blocking_keys, profile_of
from crm_contacts.words import search_words


@dataclass(frozen=True, slots=True)
class Lookups:
    """Words with their weights, and keys."""

    words: Mapping[str, int]
    keys: tuple[int, ...]


def lookups_of(draft: ContactDraft) -> Lookups:
    """Return under what a normalised draft is looked up."""
    return Lookups(search_words(draft), duplicate_keys(draft))


def duplicate_keys(draft: ContactDraft) -> tuple[int, ...]:
    """Return the keys under which duplicates of a normalised draft are looked for."""
    return blocking_keys(profile_of(draft))

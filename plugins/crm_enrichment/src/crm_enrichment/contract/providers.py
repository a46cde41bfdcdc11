"""What a provider is given, what it gives back, and how it is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_enrichment.contract.fields import Field, Input, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """An organisation that people have typed for so many `contacts` of an email domain."""

    domain: str
    organisation: str
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is known of a contact: its own values alone, the primary ones first.

    `emails` and `links` are as they stand there, in small letters where that means the same;
    `phones` are E.164 where they are valid. `employers` are what others of the same email domains
    are said to work for, the most frequent first. Whatever stands here was written by strangers.
    """

    contact_id: UUID
    name: str = ""
    given_name: str | None = None
    family_name: str | None = None
    organisation: str | None = None
    title: str | None = None
    note: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    default_region: str | None = None
    employers: tuple[Employer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One value that a provider has found, with what speaks for it.

    `source` says where it comes from, such that the same place is the same text each time:
    `email:example.org`, `note`. `quote` is the passage of the input that says it, word for word.
    `confidence` is from 0 to 1, computed from evidence; `method` is the provider's if unset.
    """

    contact_id: UUID
    field: Field
    value: str
    source: str
    confidence: float
    quote: str | None = None
    method: Method | None = None
    observed_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who finds out about contacts: a name, what it reads and gives, and a function for many.

    `lookup` is given at most `batch` contacts that have at least one of the `inputs`, and returns
    what it found, in no order; values of fields that are not among the `outputs` are dropped. It
    runs as the code of the plugin that supplies it, in the contacts' workspace. `network` says that
    something leaves the house, `cost` is that of one contact in minor units of money.
    """

    name: str
    title: str
    inputs: frozenset[Input]
    outputs: frozenset[Field]
    method: Method
    lookup: Callable[[tuple[Subject, ...]], tuple[Finding, ...]]
    network: bool = False
    cost: int = 0
    batch: int = 500

"""Reading who somebody is out of a text: a signature, a card, a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_enrichment.contract.errors import (
    EndpointFailed,
    ExtractionNotFound,
    ModelMissing,
    UnknownContact,
)
from crm_enrichment.contract.fields import Method
from meishi.sdk.contract import command, query

#: Octets of a text, in UTF-8.
MAX_TEXT = 16 * 1024


class Part(StrEnum):
    """What a passage tells of a person."""

    NAME = "name"
    TITLE = "title"
    ORGANISATION = "organisation"
    DEPARTMENT = "department"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A value, and the passage that says it: `quote` stands from `start` to `end` of the text."""

    part: Part
    value: str
    quote: str
    start: int
    end: int
    confidence: float
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What was read of a text, which is kept until `expires_at` for reading it with a model.

    `contact_id` is the contact that the text is about; what was read waits there as proposals.
    """

    id: UUID
    contact_id: UUID | None
    extracts: tuple[Extract, ...]
    read_by_model: bool
    created_at: datetime
    expires_at: datetime


class Extractions(Protocol):
    """Texts of the current workspace, and what is read of them.

    One about a contact that is kept from who acts is not there for them.
    """

    @query(errors=(ModelMissing, EndpointFailed))
    def read(self, text: str, *, by_model: bool = False) -> tuple[Extract, ...]:
        """Return what a text says of the person it is of, in the order of the text.

        `by_model` asks the language model, too, which takes its time: do so in a job, with no
        transaction open. Neither rules nor model say anything that does not stand in the text.
        """
        ...

    @command(errors=(UnknownContact,))
    def create(self, text: str, *, contact_id: UUID | None = None) -> Extraction:
        """Read a text by rules, and keep it for a day; for a contact, make proposals of it."""
        ...

    @query(errors=(ExtractionNotFound,))
    def get(self, extraction_id: UUID) -> Extraction:
        """Return what was read of a text."""
        ...

    @command(errors=(ExtractionNotFound, ModelMissing))
    def start(self, extraction_id: UUID) -> UUID:
        """Have a worker read a text with the model, and return the id of the operation."""
        ...

    @command(errors=(ExtractionNotFound, ModelMissing, EndpointFailed))
    def read_again(self, extraction_id: UUID) -> Extraction:
        """Read a text with the model, in a job; for a contact, make proposals of what is new."""
        ...

    @command()
    def forget_expired(self) -> int:
        """Forget the texts whose time is over; return how many."""
        ...

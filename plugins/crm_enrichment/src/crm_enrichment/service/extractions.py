"""Texts that are read: by rules at once, by the language model in a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crm_contacts.contract import Contacts
from crm_enrichment.contract import (
    EndpointFailed,
    Extract,
    Extraction,
    ExtractionNotFound,
    Method,
    ModelMissing,
    Part,
    UnknownContact,
)
from crm_enrichment.extracts import extract_of
from crm_enrichment.language_model import UnusableAnswer, combined, read_with_model
from crm_enrichment.local_model import LocalModel
from crm_enrichment.repository import extractions
from crm_enrichment.service.endpoint import asking, is_configured, model_of
from crm_enrichment.service.proposing import propose
from crm_enrichment.service.showing import hidden
from crm_enrichment.signatures import read_signature
from meishi.sdk.context import aside, current_settings, service
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that asks the model.
JOB = "read_with_model"

_KEPT = timedelta(days=1)


class ExtractionService:
    """Implements `Extractions`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._local = LocalModel()

    def read(self, text: str, *, by_model: bool = False) -> tuple[Extract, ...]:
        """Return what a text says; the settings are read aside, as a model takes its time."""
        with aside():
            settings = current_settings()
        region = settings["default_region"]
        read = read_signature(text, region)
        if not by_model:
            return tuple(extract_of(item, text, Method.RULES) for item in read)
        ask = asking(settings, self._local)
        try:
            quoted = read_with_model(model_of(settings), text, tuple(Part), ask, region)
        except UnusableAnswer as error:
            raise EndpointFailed(str(error)) from error
        return tuple(
            extract_of(item, text, Method.MODEL if item in quoted else Method.RULES)
            for item in combined(read, quoted)
        )

    def create(self, text: str, *, contact_id: UUID | None = None) -> Extraction:
        """Read a text by rules, and keep it for a day."""
        if contact_id is not None:
            _check_known(contact_id)
        now = self._clock()
        made = Extraction(
            id=self._new_id(),
            contact_id=contact_id,
            extracts=self.read(text),
            read_by_model=False,
            created_at=now,
            expires_at=now + _KEPT,
        )
        extractions.add(made, text)
        if contact_id is not None:
            propose(contact_id, made.extracts, now, self._new_id)
        return made

    def get(self, extraction_id: UUID) -> Extraction:
        """Return what was read of a text."""
        return self._known(extraction_id)[0]

    def start(self, extraction_id: UUID) -> UUID:
        """Have a worker ask the model."""
        self._known(extraction_id)
        if not is_configured(current_settings()):
            raise ModelMissing("No language model is set up: ask the operator to set `model_url`.")
        subject = f"/api/v1/enrichment/extractions/{extraction_id}"
        return request(JOB, JobOptions(subject=subject), extraction_id=extraction_id)

    def read_again(self, extraction_id: UUID) -> Extraction:
        """Ask the model; no transaction is open while it thinks."""
        with aside():
            _, text = self._known(extraction_id)
        extracts = self.read(text, by_model=True)
        made = replace(self._known(extraction_id)[0], extracts=extracts, read_by_model=True)
        extractions.update(made)
        if made.contact_id is not None:
            propose(made.contact_id, extracts, self._clock(), self._new_id)
        return made

    def forget_expired(self) -> int:
        """Forget the texts whose time is over."""
        return extractions.remove_expired(self._clock())

    def _known(self, extraction_id: UUID) -> tuple[Extraction, str]:
        found = extractions.get(extraction_id, self._clock())
        about = None if found is None else found[0].contact_id
        if found is None or (about is not None and hidden([about])):
            raise ExtractionNotFound(f"There is no extraction {extraction_id} in this workspace.")
        return found


def _check_known(contact_id: UUID) -> None:
    if not service(Contacts).find((contact_id,)):
        raise UnknownContact(f"There is no contact {contact_id} in this workspace.")

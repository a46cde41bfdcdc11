"""Asking providers about contacts: many at once, each provider by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from crm_enrichment import points
from crm_enrichment.contract import Finding, Provider, Subject
from crm_enrichment.findings import sound_findings
from crm_enrichment.service.endpoint import is_configured
from crm_enrichment.service.model_provider import SIGNATURE_MODEL
from crm_enrichment.subjects import has_any
from meishi.sdk.context import current_settings
from meishi.sdk.hooks import Implementation, ImplementationFailed, extensions, log_failure


@dataclass(slots=True)
class Answers:
    """What the providers found, by contact and provider; those that `failed` at some are named.

    Who was asked and found nothing has an empty list, and who failed has none.
    """

    found: dict[UUID, dict[str, list[Finding]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def about(self, contact_id: UUID, now: datetime) -> dict[str, list[Finding]]:
        """Return what holds of a contact, by provider: what has expired says nothing any more."""
        return {
            provider: [item for item in findings if _holds(item, now)]
            for provider, findings in self.found.get(contact_id, {}).items()
        }


def ask(subjects: Sequence[Subject], *, outside: bool = False) -> Answers:
    """Return what all active providers find out: those that ask `outside`, or all others.

    The former take their time, and are asked by a job alone.
    """
    answers = Answers({subject.contact_id: {} for subject in subjects})
    for supplier in extensions(points.enrichment_providers):
        for provider in (item for item in supplier.items if item.network is outside):
            _ask_one(answers, supplier, provider, subjects)
    return answers


def _ask_one(
    answers: Answers,
    supplier: Implementation[Provider],
    provider: Provider,
    subjects: Sequence[Subject],
) -> None:
    """Ask a provider about as many as it takes at once; where it fails, the others still count."""
    name = f"{supplier.plugin}.{provider.name}"
    asked = [subject for subject in subjects if has_any(subject, provider.inputs)]
    heard = {subject.contact_id for subject in subjects} - {item.contact_id for item in asked}
    found: list[Finding] = []
    failure: ImplementationFailed | None = None
    size = max(1, provider.batch)
    for start in range(0, len(asked), size):
        part = tuple(asked[start : start + size])
        try:
            found += supplier.call(_looked_up, provider, part)
        except ImplementationFailed as error:
            failure = failure or error
        else:
            heard.update(subject.contact_id for subject in part)
    for contact_id in heard:
        answers.found[contact_id][name] = []
    for finding in found:
        answers.found[finding.contact_id][name].append(finding)
    if failure is not None:
        log_failure("provider_failed", failure, provider=name)
        answers.failed.append(name)


def asks_outside() -> bool:
    """Whether there is a provider that asks outside; ours does where there is a model."""
    return any(
        provider.network and (provider is not SIGNATURE_MODEL or is_configured(current_settings()))
        for supplier in extensions(points.enrichment_providers)
        for provider in supplier.items
    )


def _holds(finding: Finding, now: datetime) -> bool:
    return finding.expires_at is None or finding.expires_at > now


def _looked_up(provider: Provider, subjects: tuple[Subject, ...]) -> list[Finding]:
    return sound_findings(provider, subjects, provider.lookup(subjects))

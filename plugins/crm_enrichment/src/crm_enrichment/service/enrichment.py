"""Asking about contacts: on request, after every change of them, and from the beginning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import Contact, Contacts
from crm_enrichment.contract import (
    MAX_RUN,
    EnrichmentOff,
    Field,
    Mode,
    Run,
    RunCompleted,
    RunNotFound,
    Subject,
)
from crm_enrichment.policy import Past, Plan, plan
from crm_enrichment.repository import moves, people, proposals, runs, transitions
from crm_enrichment.service import evidence
from crm_enrichment.service.asking import Answers, ask, asks_outside
from crm_enrichment.service.storing import Outcome, store
from crm_enrichment.service.unnoted import as_decided
from crm_enrichment.service.writing import write_sure
from crm_enrichment.subjects import subject_of
from meishi.sdk.context import aside, current_actor, current_settings, publish, service
from meishi.sdk.jobs import request
from meishi.sdk.plugin import PluginContext

#: Contacts that are read at once.
_PAGE = 200
_FOUND = 500
#: The job that asks outside, and about how many contacts it does.
JOB, _AT_ONCE = "ask_outside", 5


class EnrichmentService:
    """Implements `Enrichment`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def run(self, contact_ids: tuple[UUID, ...]) -> Run:
        """Ask all providers about contacts."""
        if _mode() is Mode.OFF:
            raise EnrichmentOff("This workspace looks for nothing: change the setting `mode`.")
        wanted = sorted({*contact_ids})[:MAX_RUN]
        run_id, started = self._new_id(), self._clock()
        outcome = self._ask(wanted, run_id)
        done = Run(
            id=run_id,
            contacts=outcome.contacts,
            missing=len(wanted) - outcome.contacts,
            proposed=outcome.proposed,
            applied=outcome.applied,
            failed=outcome.failed,
            started_at=started,
            completed_at=self._clock(),
            requested_by=current_actor().user_id,
        )
        runs.add(done)
        if asks_outside():
            for start in range(0, len(wanted), _AT_ONCE):
                request(JOB, contact_ids=tuple(wanted[start : start + _AT_ONCE]))
        publish(
            RunCompleted(
                run_id=run_id,
                contacts=done.contacts,
                proposed=done.proposed,
                applied=done.applied,
            )
        )
        return done

    def ask_outside(self, contact_ids: tuple[UUID, ...]) -> None:
        """Ask providers that ask outside; no transaction is open while they do."""
        with aside():
            contacts = service(Contacts).find(contact_ids)
            subjects = [] if _mode() is Mode.OFF else _subjects(contacts)
        answers = ask(subjects, outside=True)
        if subjects:
            past = proposals.past_of(contact_ids)
            self._keep(_in_order(service(Contacts).find(contact_ids)), past, answers, None)

    def get_run(self, run_id: UUID) -> Run:
        """Return the report of a run."""
        found = runs.get(run_id)
        if found is None:
            raise RunNotFound(f"There is no run {run_id} in this workspace.")
        return found

    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now, and those that these tell something about."""
        wanted = sorted({*contact_ids})
        for start in range(0, len(wanted), _FOUND):
            self._follow(wanted[start : start + _FOUND])

    def follow_page(self, after: UUID | None) -> UUID | None:
        """Ask about one page of contacts."""
        page = service(Contacts).list(after=after, limit=_PAGE)
        self._follow(sorted(contact.id for contact in page.items))
        return page.next_after

    def lock(self, edits: tuple[tuple[UUID, Field], ...]) -> None:
        """Keep what people have typed."""
        transitions.lock_fields(edits, self._clock())

    def move(self, source_id: UUID, target_id: UUID) -> int:
        """Let what is known of a merged contact be that of another.

        That is asked about anew, as what was decided for the one is decided for the other.
        """
        moved = moves.move(source_id, target_id, self._clock())
        self._follow([target_id])
        return moved

    def give_back(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Let what came from sources be known of the first of them again; ask about both anew."""
        found = moves.give_back(source_ids, target_id)
        self._follow(sorted([source_ids[0], target_id]))
        return found

    def forget(self, contact_ids: tuple[UUID, ...]) -> int:
        """Leave nothing of erased contacts."""
        return people.forget(contact_ids)

    def _follow(self, contact_ids: Sequence[UUID]) -> None:
        past = proposals.past_of(contact_ids)
        contacts = service(Contacts).find(tuple(contact_ids))
        gone = {*contact_ids} - {contact.id for contact in contacts}
        told = evidence.record(contact_ids, contacts, as_decided(contacts, past))
        if gone:
            transitions.close(sorted(gone), self._clock())
        asked = [contact.id for contact in contacts] + told
        for start in range(0, len(asked), _FOUND):
            self._ask(sorted(asked[start : start + _FOUND]), None)

    def _ask(self, contact_ids: Sequence[UUID], run_id: UUID | None) -> Outcome:
        """Ask about contacts that are read anew, and do what follows."""
        past = proposals.past_of(contact_ids)
        contacts = _in_order(service(Contacts).find(tuple(contact_ids)))
        answers = _answers(contacts)
        return self._keep(contacts, past, answers, run_id)

    def _keep(
        self,
        contacts: Sequence[Contact],
        past: Mapping[UUID, Sequence[Past]],
        answers: Answers,
        run_id: UUID | None,
    ) -> Outcome:
        """Do what follows from answers about contacts, which were read after their past."""
        now = self._clock()
        plans = _plans(contacts, as_decided(contacts, past), answers, now)
        for item in plans:
            if not write_sure(item.contact, item.applied, run_id):
                item.proposed += item.applied
                item.applied = []
        stored = store(plans, now, self._new_id, run_id)
        return replace(stored, failed=tuple(answers.failed))


def _plans(
    contacts: Sequence[Contact],
    past: Mapping[UUID, Sequence[Past]],
    answers: Answers,
    now: datetime,
) -> list[Plan]:
    """Return what is to be done about each contact, after all that was decided on it before."""
    locks = proposals.locks_of([contact.id for contact in contacts])
    threshold = float(current_settings()["threshold"]) if _mode() is Mode.APPLY else None
    return [
        plan(
            contact,
            answers.about(contact.id, now),
            past[contact.id],
            locks.get(contact.id, set()),
            threshold,
        )
        for contact in contacts
    ]


def _in_order(contacts: Iterable[Contact]) -> list[Contact]:
    """Return contacts in the order of all who lock several."""
    return sorted(contacts, key=lambda item: item.id)


def _answers(contacts: Sequence[Contact]) -> Answers:
    """Return what providers say; none is asked where the workspace does not want it."""
    if _mode() is Mode.OFF:
        return Answers()
    return ask(_subjects(contacts))


def _subjects(contacts: Sequence[Contact]) -> list[Subject]:
    employers = evidence.employers_of(contacts)
    region = current_settings()["default_region"]
    return [subject_of(contact, employers[contact.id], region) for contact in contacts]


def _mode() -> Mode:
    return Mode(current_settings()["mode"])

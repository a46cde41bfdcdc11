"""How the current job of a contact and its job history follow each other.

A contact says its current job in short; the position of the current job is the first current one
with that organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from crm_contacts.contract import ContactDraft, Position
from crm_contacts.normal_forms import text_form
from crm_contacts.positions import ends_before
from crm_contacts.validation import MAX_VALUES

#: The fields that say the current job.
JOB = ("organisation", "units", "title", "role")

#: What a contact is to say of given values, and of what follows them, on a day.
Follow = Callable[[ContactDraft, Mapping[str, Any], date], dict[str, Any]]


def with_current_job(draft: ContactDraft) -> ContactDraft:
    """Return a draft with its first current position as its job, if it says nothing of one."""
    if any(getattr(draft, name) for name in JOB):
        return draft
    return replace(draft, **_first_job(draft.positions))


def following(before: ContactDraft, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return given values of a contact, and those that follow: of its job, or of its positions.

    Where both are changed, both stay as they are given.
    """
    changed = {name for name, value in given.items() if getattr(before, name) != value}
    values = dict(given)
    job = {name: given[name] for name in JOB if name in changed}
    if "positions" in changed and not job:
        values |= _job_after(before, given["positions"])
    elif job and "positions" not in changed:
        values = _noted_job(before, job) | values
        positions = _positions_after(before, job, today)
        if positions != before.positions:
            values["positions"] = positions
    return values


def as_named(before: ContactDraft, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return given values as they are given, and what follows where nothing is given.

    So they change nothing when they are given again. A job that is named and empty is that of the
    positions, as it is of who is created.
    """
    named = [name for name in JOB if name in given]
    if named and "positions" in given and not any(given[name] for name in named):
        given = {**given, **_first_job(given["positions"])}
    return following(before, given, today) | dict(given)


def current_position(draft: ContactDraft) -> Position | None:
    """Return the position of the current job, if there is one."""
    place = _place(draft.positions, draft.organisation)
    return None if place is None else draft.positions[place]


def succeeded(before: ContactDraft, new: Position) -> dict[str, Any]:
    """Return what a contact says once a new job has followed the current one.

    That has ended as the new one began; if nobody knows when that was, nor is its end known.
    """
    said = {name: getattr(before, name) for name in JOB}
    former = current_position(before)
    positions = [item for item in before.positions if item is not former]
    if former is None and any(said[name] for name in ("organisation", "title", "role")):
        former = Position(**said, current=True)
    ended = [] if former is None else [_ended(former, new.start_date)]
    job = {name: getattr(new, name) for name in JOB}
    return {**job, "positions": (new, *ended, *positions)}


def _job_after(before: ContactDraft, positions: Sequence[Position]) -> dict[str, Any]:
    """Return what of the current job changes with its positions."""
    if not any(getattr(before, name) for name in JOB):
        return _first_job(positions)
    former, place = current_position(before), _place(positions, before.organisation)
    if place is not None:
        return {} if positions[place] == former else _said_by(positions[place], former)
    organisation = text_form(before.organisation)
    if former is None or organisation not in {text_form(item.organisation) for item in positions}:
        return {}
    return _first_job(positions) or {name: () if name == "units" else None for name in JOB}


def _said_by(position: Position, former: Position | None) -> dict[str, Any]:
    """Return what a position says of the current job, or did before it was changed."""
    return {
        name: getattr(position, name)
        for name in JOB
        if getattr(position, name) or (former is not None and getattr(former, name))
    }


def _first_job(positions: Sequence[Position]) -> dict[str, Any]:
    for item in positions:
        if item.current:
            return {name: getattr(item, name) for name in JOB}
    return {}


def _positions_after(
    before: ContactDraft, job: Mapping[str, Any], today: date
) -> tuple[Position, ...]:
    """Return the positions once the current job is another one, or is said otherwise."""
    positions = list(before.positions)
    place = _place(positions, before.organisation)
    organisation = job.get("organisation", before.organisation)
    if text_form(organisation) == text_form(before.organisation):
        if place is not None:
            same = replace(positions[place], **job)
            said = any(map(text_form, (same.organisation, same.title, same.role)))
            positions[place] = same if said else _ended(positions[place], today.isoformat())
        return tuple(positions)
    if place is not None:
        positions[place] = _ended(positions[place], today.isoformat())
    if not text_form(organisation):
        return tuple(positions)
    noted = _place(positions, organisation)
    if noted is not None:
        positions[noted] = replace(positions[noted], **job)
    elif place is not None and len(positions) < MAX_VALUES:
        new = {name: job.get(name, getattr(before, name)) for name in JOB}
        positions.insert(place, Position(**new, current=True))
    return tuple(positions)


def _noted_job(before: ContactDraft, job: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the position says in whose organisation the current job is from now on."""
    organisation = text_form(job.get("organisation"))
    if not organisation or organisation == text_form(before.organisation):
        return {}
    place = _place(before.positions, organisation)
    return {} if place is None else _said_by(before.positions[place], None)


def _ended(position: Position, end: str | None) -> Position:
    start = position.start_date
    if start and end and ends_before(start, end):
        end = None
    return replace(position, current=False, end_date=end)


def _place(positions: Sequence[Position], organisation: str | None) -> int | None:
    """Return where the position of a current job in an organisation is."""
    wanted = text_form(organisation)
    for place, item in enumerate(positions):
        if item.current and text_form(item.organisation) == wanted:
            return place
    return None

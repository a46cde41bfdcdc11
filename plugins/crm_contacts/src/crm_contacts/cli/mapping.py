"""What columns of a table become, as a command says it, and what there would be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import click

from crm_contacts.cli.reading import Reading
from crm_contacts.contract import (
    ColumnTarget,
    DryRun,
    DryRuns,
    ImportColumn,
    ImportColumns,
    ImportMapping,
    ImportMappings,
    InvalidImportMapping,
)
from crm_contacts.target_words import UnknownTarget, read_target, written_target
from meishi.sdk.cli import OperatorError, WorkspaceSession
from meishi.sdk.context import service

#: Columns that one line names.
_NAMED = 20
_NUMBER = re.compile(r"#(\d{1,5})")
_HINT = 'Say --map "HEADING=TARGET", or --map "#2=TARGET" for the second column.'


def map_columns(session: WorkspaceSession, import_id: UUID, reading: Reading) -> None:
    """Choose what columns become: those that are named, the others stay as they are told.

    Or they become what is `proposed` for them.
    """
    proposed = reading.proposed
    if not reading.mapped and not proposed:
        return
    with session.unit_of_work():
        columns = service(ImportMappings).columns(import_id)
        if columns is None:
            hint = "Leave --map and --proposed out."
            raise OperatorError("Cards have no columns to map.", hint=hint)
        chosen = {
            item.position: item.proposed if proposed else item.target for item in columns.items
        }
        order = columns.proposed_date_order if proposed else None
        for word in reading.mapped:
            target = _target(columns, word)
            chosen[target.position] = target
        try:
            service(ImportMappings).set(
                import_id, ImportMapping(columns=tuple(chosen.values()), date_order=order)
            )
        except InvalidImportMapping as error:
            messages = " ".join(item.message for item in error.errors)
            raise OperatorError(messages or error.detail, hint=_HINT) from error


def columns_of(session: WorkspaceSession, import_id: UUID) -> tuple[ImportColumn, ...]:
    """Return the columns of a table; none of cards."""
    with session.unit_of_work():
        found = service(ImportMappings).columns(import_id)
    return () if found is None else found.items


def tried(session: WorkspaceSession, import_id: UUID) -> DryRun:
    """Return what the import would do."""
    while True:
        with session.unit_of_work():
            found = service(DryRuns).step(import_id)
        if found.completed_at is not None:
            return found


def say_columns(columns: Sequence[ImportColumn]) -> None:
    """Print what columns become, each with its number and a sample."""
    for item in columns:
        sample = f"  ({item.samples[0]})" if item.samples else ""
        click.echo(f"#{item.position + 1} {item.heading} = {written_target(item.target)}{sample}")
        if item.proposed != item.target:
            click.echo(f"   could be {written_target(item.proposed)}")


def say_unmapped(headings: Sequence[str]) -> None:
    """Say on stderr which columns became no field, the first of many."""
    if not headings:
        return
    named = [" ".join(heading.split()) for heading in headings[:_NAMED]]
    more = len(headings) - len(named)
    rest = f" and {more} more" if more else ""
    click.echo(
        f"  columns of no field, kept as other properties: {', '.join(named)}{rest}", err=True
    )


def _target(columns: ImportColumns, word: str) -> ColumnTarget:
    heading, equals, target = word.rpartition("=")
    if not equals:
        raise OperatorError(f"--map {word!r} names no target.", hint=_HINT)
    try:
        return read_target(_position(columns, heading.strip()), target)
    except UnknownTarget as error:
        raise OperatorError(str(error), hint=_HINT) from error


def _position(columns: ImportColumns, heading: str) -> int:
    number = _NUMBER.fullmatch(heading)
    if number and 1 <= int(number[1]) <= len(columns.items):
        return int(number[1]) - 1
    found = [item.position for item in columns.items if item.heading == heading]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(f"#{position + 1}" for position in found)
        raise OperatorError(f"{heading!r} is the heading of {numbers}.", hint=_HINT)
    headings = ", ".join(item.heading for item in columns.items[:20])
    raise OperatorError(f"The table has no column {heading!r}.", hint=f"It has {headings}.")

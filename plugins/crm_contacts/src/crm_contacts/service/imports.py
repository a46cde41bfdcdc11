"""Imports: a file comes in, is worked on chunk by chunk, and tells what became of its rows."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from crm_contacts.contract import (
    CHARSETS,
    MAX_PAGE,
    CardOutcome,
    CardStatus,
    ContactImport,
    ImportCompleted,
    ImportCounts,
    ImportFormat,
    ImportNotFound,
    ImportPage,
    ImportRowPage,
    ImportState,
    InvalidImportMapping,
    RejectsPage,
)
from crm_contacts.importing import ContactBatch
from crm_contacts.recognition import recognise
from crm_contacts.repository import (
    begun_imports,
    custom_fields,
    dry_runs,
    import_files,
    import_rows,
    imports,
    kept_mappings,
    photo_intakes,
)
from crm_contacts.repository.access import hidden
from crm_contacts.repository.imports import StoredImport
from crm_contacts.service.import_chunks import (
    check_mapped,
    check_not_undone,
    chunk_at,
    import_columns,
    is_under_way,
    known_import,
)
from crm_contacts.service.import_relations import relate_waiting
from crm_contacts.service.photo_intakes import follow_import
from crm_contacts.service.reading_ahead import ReadAhead
from crm_contacts.service.regions import default_region
from crm_contacts.sources import JSON_FORMATS, Chunk, Position, joined, joined_json
from crm_contacts.tables import TableReading
from crm_contacts.tables.charsets import MARK_BYTES, UTF_8, has_mark
from meishi.core.operations.contract import OperationEnded, OperationNotFound, Operations
from meishi.sdk.context import publish, service
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that works on imports.
JOB = "run_import"

#: How long a file may be on its way before what came of it is forgotten.
_PATIENCE = timedelta(days=1)


class ImportService:
    """Implements `Imports`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._max_row_bytes: int = context.settings["max_card_bytes"]
        self._seconds: int = context.settings["import_step_seconds"]

    def begin(self, name: str | None = None) -> UUID:
        """Prepare for the pieces of a file."""
        import_id, now = self._new_id(), self._clock()
        imports.delete_unfinished(now - _PATIENCE)
        imports.add(import_id, name, now)
        return import_id

    def add_piece(self, import_id: UUID, number: int, content: bytes) -> None:
        """Store a piece of the file."""
        if not imports.lock_unfinished(import_id):
            raise _not_found(import_id)
        import_files.add_piece(import_id, number, content)

    def finish(
        self,
        import_id: UUID,
        file_format: ImportFormat | None = None,
        *,
        charset: str | None = None,
        has_header: bool | None = None,
    ) -> ContactImport:
        """Look at the whole file, and return the import, ready to run."""
        if charset is not None and charset not in CHARSETS:
            raise InvalidImportMapping(f"The charset is one of: {', '.join(CHARSETS)}.")
        if not imports.lock_unfinished(import_id):
            raise _not_found(import_id)
        open_at = partial(import_files.open_at, import_id)
        # UTF-8 is tried first anyway, and many who declare it have not looked.
        told = charset == UTF_8 or has_mark(open_at(0).read(MARK_BYTES))
        declared = None if told else charset
        found = recognise(
            open_at,
            file_format,
            max_row_bytes=self._max_row_bytes,
            reading=TableReading(charset=declared, fields=custom_fields.every()),
            has_header=has_header,
        )
        size = import_files.size_of(import_id)
        chosen = declared is not None and found.charset == declared
        imports.set_uploaded(import_id, found, size, charset_chosen=chosen)
        return self.get(import_id)

    def start(self, import_id: UUID) -> UUID:
        """Have a worker do the work, unless one is at it.

        Nothing is locked before it has to be: whoever is at work holds the import.
        """
        current = known_import(import_id).shown.operation_id
        if current is not None and is_under_way(current):
            return current
        stored = known_import(import_id, lock=True)
        check_mapped(stored)
        check_not_undone(stored)
        other = stored.shown.operation_id
        if other is not None and other != current:
            return other
        subject = f"/api/v1/contacts/imports/{import_id}"
        operation_id = request(JOB, JobOptions(subject=subject), import_id=import_id)
        imports.set_operation(import_id, operation_id)
        return operation_id

    def run(self, import_id: UUID, *, seconds: int | None = None) -> ContactImport:
        """Go on with an import, as long as there is something that was read ahead."""
        budget = timedelta(seconds=self._seconds if seconds is None else seconds)
        end = self._clock() + budget
        with ReadAhead(self._chunk_at) as ahead:
            found = self._run_chunk(import_id, ahead, end)
            while ahead.reads:
                found = self._run_chunk(import_id, ahead, end)
        return found

    def get(self, import_id: UUID) -> ContactImport:
        """Return one import."""
        return known_import(import_id).shown

    def begun_before(self, import_id: UUID) -> UUID | None:
        """Return the newest other import of the same file that was broken off."""
        known_import(import_id)
        for found, operation_id in begun_imports.of_same_file(import_id):
            if operation_id is None or not is_under_way(operation_id):
                return found
        return None

    def list(self, *, after: UUID | None = None, limit: int = 50) -> ImportPage:
        """Return imports, newest first."""
        size = max(1, min(limit, MAX_PAGE))
        items = imports.page(after, size + 1)
        more = len(items) > size
        return ImportPage(
            items=tuple(items[:size]), next_after=items[size - 1].id if more else None
        )

    def rows(
        self,
        import_id: UUID,
        *,
        statuses: tuple[CardStatus, ...] = (),
        with_reason: bool = False,
        after: int | None = None,
        limit: int = 50,
    ) -> ImportRowPage:
        """Return rows in the order of the file; those of hidden contacts without their names."""
        known_import(import_id)
        size = max(1, min(limit, MAX_PAGE))
        first = -1 if after is None else after
        items = import_rows.page(import_id, statuses, first, size + 1, with_reason=with_reason)
        kept = {*hidden(item.contact_id for item in items if item.contact_id is not None)}
        return ImportRowPage(
            items=tuple(
                replace(item, name=None) if item.contact_id in kept else item
                for item in items[:size]
            ),
            next_after=items[size - 1].index if len(items) > size else None,
        )

    def rejects(self, import_id: UUID, *, after: int | None = None) -> RejectsPage:
        """Return rejected rows as they were."""
        stored = known_import(import_id)
        found = import_rows.rejects(import_id, -1 if after is None else after)
        originals = [original for _, original in found]
        if stored.shown.format in JSON_FORMATS:
            content = joined_json(originals, first=after is None)
        else:
            begin = stored.header if found and after is None else b""
            content = begin + joined(originals, stored.header, stored.charset)
        return RejectsPage(content=content, next_after=found[-1][0] if found else None)

    def delete(self, import_id: UUID) -> None:
        """Forget an import, then cancel what works on it: a step locks them in the same order."""
        photos_id = photo_intakes.get(import_id).operation_id
        found, operation_id = imports.remove(import_id)
        if not found:
            raise _not_found(import_id)
        for each in (operation_id, photos_id):
            if each is not None:
                with suppress(OperationNotFound, OperationEnded):
                    service(Operations).cancel(each)

    def _run_chunk(self, import_id: UUID, ahead: ReadAhead, end: datetime) -> ContactImport:
        """Work on the next chunk, if there is one; nobody else does at this moment.

        The one after it is read ahead, and so comes next, unless the run has come to its `end`
        already: to decide behind the chunk would be to read in vain whenever that took too long.
        """
        stored = known_import(import_id, lock=True)
        if stored.shown.state is ImportState.COMPLETED:
            return stored.shown
        check_mapped(stored)
        check_not_undone(stored)
        chunk, batch = ahead.chunk(stored, stored.following)
        now = self._clock()
        if chunk.following is not None and now < end:
            outcomes = batch.bring_in(now, partial(ahead.begin, stored, chunk.following))
        else:
            outcomes = batch.bring_in(now)
        import_rows.add(
            import_id,
            (
                (outcome, _kept(outcome, source.content))
                for source, outcome in zip(chunk.sources, outcomes, strict=True)
            ),
        )
        counts = added(stored.shown.counts, Counter(outcome.status for outcome in outcomes))
        imports.advance(import_id, counts, chunk.following, now)
        if stored.shown.state is ImportState.UPLOADED:
            dry_runs.remove(import_id)
            self._keep_mapping(stored, now)
        if chunk.following is None:
            import_files.remove(import_id)
            relate_waiting(import_id, now, self._new_id)
            follow_import(import_id)
            publish(_completed(import_id, counts))
        return self.get(import_id)

    def _keep_mapping(self, stored: StoredImport, at: datetime) -> None:
        """Keep what the columns become for the next file with the same headings."""
        if stored.mapping is not None and stored.headerless_columns is None:
            headings = import_columns(stored, most=self._max_row_bytes).headings
            kept_mappings.put(self._new_id(), headings, stored.mapping, at)

    def _chunk_at(self, stored: StoredImport, start: Position) -> tuple[Chunk, ContactBatch]:
        chunk = chunk_at(stored, start, most=self._max_row_bytes)
        batch = ContactBatch(chunk.sources, default_region(), self._new_id, stored.shown.id)
        batch.make_ready()
        return chunk, batch


def _kept(outcome: CardOutcome, content: bytes) -> bytes | None:
    """Return what is kept of a row: the text of a rejected one, but none about erased people."""
    if outcome.status is not CardStatus.REJECTED:
        return None
    return b"" if outcome.suppressed else content


def added(counts: ImportCounts, more: Counter[CardStatus]) -> ImportCounts:
    """Return counts with those of more rows."""
    return ImportCounts(
        **{status.value: getattr(counts, status.value) + more[status] for status in CardStatus}
    )


def _completed(import_id: UUID, counts: ImportCounts) -> ImportCompleted:
    return ImportCompleted(
        import_id=import_id,
        **{status.value: getattr(counts, status.value) for status in CardStatus},
    )


def _not_found(import_id: UUID) -> ImportNotFound:
    return ImportNotFound(f"There is no import {import_id} in this workspace.")

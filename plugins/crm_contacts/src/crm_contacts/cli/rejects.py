"""Rejected cards and rows of an import, as they were, and into a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from crm_contacts.cli.faults import naming
from crm_contacts.contract import MAX_PAGE, CardStatus, ImportRow, Imports
from meishi.sdk.cli import OperatorError, WorkspaceSession
from meishi.sdk.context import service


def rejects_of(session: WorkspaceSession, import_id: UUID) -> Iterator[bytes]:
    """Yield the file of rejected cards or rows in parts."""
    after: int | None = None
    while True:
        with session.unit_of_work():
            page = service(Imports).rejects(import_id, after=after)
        if page.content:
            yield page.content
        after = page.next_after
        if after is None:
            return


def rejected_rows(session: WorkspaceSession, import_id: UUID) -> Iterator[ImportRow]:
    """Yield the rejected rows of an import, with their reasons."""
    return _rows(session, import_id, (CardStatus.REJECTED,))


def noticed_rows(session: WorkspaceSession, import_id: UUID) -> Iterator[ImportRow]:
    """Yield the rows that came in without all that they say, with what that is."""
    came = (CardStatus.CREATED, CardStatus.UPDATED, CardStatus.UNCHANGED)
    return _rows(session, import_id, came)


def _rows(
    session: WorkspaceSession, import_id: UUID, statuses: tuple[CardStatus, ...]
) -> Iterator[ImportRow]:
    after: int | None = None
    while True:
        with session.unit_of_work():
            page = service(Imports).rows(
                import_id, statuses=statuses, with_reason=True, after=after, limit=MAX_PAGE
            )
        yield from page.items
        after = page.next_after
        if after is None:
            return


@contextmanager
def rejects_file(file: Path | None) -> Iterator[Callable[[bytes], None]]:
    """Lend what writes rejected cards to the file, octet for octet.

    The first one replaces what is in the file, so without any that stays as it is.
    """
    if file is None:
        yield lambda _: None
        return
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise OperatorError(f"{file} cannot be written.", hint="Name another for --rejects.")
    with ExitStack() as opened:
        stream: BinaryIO | None = None

        def keep(content: bytes) -> None:
            nonlocal stream
            with naming(file, "written"):
                if stream is None:
                    # Unbuffered, so that closing it has nothing left to write.
                    stream = opened.enter_context(file.open("wb", buffering=0))
                _write(stream, content)

        yield keep


def _write(stream: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]

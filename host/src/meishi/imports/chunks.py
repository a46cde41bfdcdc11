"""Chunks that are only tried: what they would come to, with nothing kept of them."""

from __future__ import annotations

from collections.abc import Callable

from meishi.context import current_scope
from meishi.declarations import ImportChunk


class _Tried(Exception):
    """What was done in order to be undone."""


def undone(call: Callable[[], ImportChunk]) -> ImportChunk:
    """Return what a chunk would come to; nothing that it stores or publishes is kept."""
    chunks: list[ImportChunk] = []
    try:
        with current_scope().work.savepoint():
            chunks.append(call())
            raise _Tried
    except _Tried:
        return chunks[0]

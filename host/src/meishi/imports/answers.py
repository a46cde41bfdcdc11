"""What importers return, held against what it must be and cut to what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from meishi.declarations import ImportChunk, ImportField, ImportPreview, ImportTask, RejectedItem
from meishi.imports.calling import WrongAnswer

#: Columns and rows of a preview, and characters of each of its texts.
MAX_COLUMNS, MAX_ROWS, MAX_TEXT = 200, 20, 200

#: Characters that a chunk may hand to the next one.
MAX_STATE = 16 * 1024

#: Rejected resources of which more is kept than their number.
MAX_REJECTS = 1000

#: Characters of what is said of one.
_MAX_MESSAGE = 500


def checked_preview(found: object) -> ImportPreview:
    """Return a preview with no more than is shown of it.

    :raises WrongAnswer: if it is none
    """
    if not isinstance(found, ImportPreview):
        raise WrongAnswer(f"`preview` returned {_kind(found)}, not an ImportPreview.")
    if found.total is not None and found.total < 0:
        raise WrongAnswer(f"`preview` returned a total of {found.total}.")
    return replace(
        found,
        columns=_texts(found.columns, MAX_COLUMNS),
        rows=tuple(_texts(row, MAX_COLUMNS) for row in found.rows[:MAX_ROWS]),
        fields=tuple(
            ImportField(name=_text(item.name), title=_text(item.title))
            for item in found.fields[:MAX_COLUMNS]
        ),
        mapping=_mapping(found.mapping),
        problems=_texts(found.problems, MAX_ROWS, _MAX_MESSAGE),
    )


def checked_chunk(found: object, task: ImportTask, size: int) -> ImportChunk:
    """Return a chunk with texts that can be stored.

    :raises WrongAnswer: if it is none, or does not lead on in the file
    """
    if not isinstance(found, ImportChunk):
        raise WrongAnswer(f"`run` returned {_kind(found)}, not an ImportChunk.")
    following = found.following
    if following is not None and not task.offset < following <= size:
        raise WrongAnswer(f"`run` began at octet {task.offset} and wants to go on at {following}.")
    if min(found.created, found.updated, found.unchanged) < 0:
        raise WrongAnswer("`run` returned a negative number.")
    if len(found.state) > MAX_STATE:
        raise WrongAnswer(f"`run` returned a state of more than {MAX_STATE} characters.")
    rejected = tuple(
        RejectedItem(
            position=item.position,
            code=_text(item.code),
            message=_text(item.message, _MAX_MESSAGE),
        )
        for item in found.rejected
    )
    return replace(found, rejected=rejected, state=found.state.replace("\0", ""))


def _mapping(found: Mapping[str, str]) -> dict[str, str]:
    pairs = list(found.items())[:MAX_COLUMNS]
    return {_text(column): _text(field) for column, field in pairs}


def _texts(found: Iterable[str], most: int, length: int = MAX_TEXT) -> tuple[str, ...]:
    return tuple(_text(item, length) for item in list(found)[:most])


def _text(found: object, length: int = MAX_TEXT) -> str:
    """Return a text that PostgreSQL takes."""
    if not isinstance(found, str):
        raise WrongAnswer(f"a text was expected, not {_kind(found)}.")
    return found[:length].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _kind(found: object) -> str:
    return f"a {type(found).__qualname__}"

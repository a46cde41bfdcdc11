"""How resources come in from files, and go out into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from meishi.sdk.contract import ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportField:
    """What a column of a file can become: `name` is stable, people read `title`."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What an importer sees in a file before anything is stored.

    `columns` are the names of what is in the file, in its order, `rows` the first values of each
    column, as text. Where people choose what a column becomes, `fields` are the choices and
    `mapping` is the proposal: column to name of a field. Without `fields` the columns are words of
    the plugin's own, shown in the reader's language. `total` is how many resources the file holds,
    None if that is not known without reading it all. `problems` are sentences about what will be
    left out, or is to be mended before.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    fields: tuple[ImportField, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTask:
    """Where a chunk begins, and what a person chose.

    `offset` counts the octets that are done, `items` the resources; `state` is what the chunk
    before handed on, empty for the first one. `mapping` says which column becomes which field.
    What is stored with `dry_run` is undone, so there is no need to store anything.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    offset: int = 0
    items: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedItem:
    """One resource of a file that was not taken.

    `position` counts the file's resources from 1, `code` is stable, `message` is a sentence.
    """

    position: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportChunk:
    """What became of the resources of a chunk, and where the next one begins.

    `following` is an octet of the file behind that where this one began, None at the end;
    `state` is handed to the next one. Each resource was `created`, `updated`, left `unchanged`,
    or is among the `rejected`.
    """

    following: int | None
    state: str = ""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: tuple[RejectedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A format from which resources can be read.

    `name` is unique over all plugins; people read `title`. `resource` is the full name of what is
    made of a file (`crm_contacts.Contact`). `media_types` and `suffixes` (`.csv`) say which files
    are offered to it; no file has more octets than `max_bytes`. Where several importers are
    offered a file, `detect` is given its first 64 KiB and says whether this one reads it.
    `preview` reads as little as it can. `run` reads the file from the offset of its task, stores a
    few hundred resources in the current transaction, and returns how far it came; it is called
    until nothing follows. A call that takes longer than `limit_seconds` is ended. `permission` is
    one of the plugin's own, without its prefix.
    """

    name: str
    title: str
    resource: str
    media_types: Sequence[str]
    suffixes: Sequence[str]
    preview: Callable[[BinaryIO], ImportPreview]
    run: Callable[[BinaryIO, ImportTask], ImportChunk]
    permission: str
    detect: Callable[[bytes], bool] | None = None
    max_bytes: int = 16 * 1024 * 1024
    limit_seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A format into which resources can be written.

    `name` is unique over all plugins; people read `title`. `resource` is the full name of what is
    written (`crm_contacts.Contact`). `write` is given which of them, and in which order, and
    yields the file in pieces; `limit` and `after` of the query are not set. `media_type`
    (`text/csv`) is that of the file, `suffix` (`.csv`) ends its name. `permission` is one of the
    plugin's own, without its prefix.
    """

    name: str
    title: str
    resource: str
    media_type: str
    suffix: str
    write: Callable[[ListQuery], Iterable[bytes]]
    permission: str

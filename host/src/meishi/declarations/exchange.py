"""How resources come in from files, and go out into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from meishi.sdk.contract import ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What an importer sees in a file before anything is stored.

    `columns` are the names of what can be mapped, in the file's order, and `mapping` is the
    proposal for them: column to field. `rows` are the first values of each column, as text.
    `total` is how many resources the file holds, None if that is not known without reading it all.
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a person chose.

    `mapping` says which column becomes which field; with `dry_run` nothing is stored.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedItem:
    """One resource of a file that was not taken.

    `position` counts the file's resources from 1, `code` is stable, `message` is a sentence.
    """

    position: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of the resources of a file, in numbers.

    Each was `created`, `updated`, left `unchanged` or rejected: `rejected_total` counts all of
    these, `rejected` holds the first 1,000.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected_total: int = 0
    rejected: tuple[RejectedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A format from which resources can be read.

    `name` is unique over all plugins; people read `title`. `resource` is the full name of what is
    made of a file (`crm_contacts.Contact`). `media_types` and `suffixes` (`.csv`) say which files
    are offered to it. `preview` reads as little as it can; `run` reads the file once, front to
    back, and stores what it holds. `permission` is one of the plugin's own, without its prefix.
    """

    name: str
    title: str
    resource: str
    media_types: Sequence[str]
    suffixes: Sequence[str]
    preview: Callable[[BinaryIO], ImportPreview]
    run: Callable[[BinaryIO, ImportOptions], ImportReport]
    permission: str


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

"""How a command is told to read a file: its charset, its header, and what its columns become."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from crm_contacts.contract import CHARSETS

_OPTIONS = (
    click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="COLUMN=TARGET",
        help="What a column of a table becomes, by its heading or as #2: name, email:work,"
        " address.locality/Office, tags, custom.KEY, raw, skip, …",
    ),
    click.option(
        "--proposed",
        is_flag=True,
        help="Let columns become what --dry-run proposes, as by the mapping of an earlier file.",
    ),
    click.option(
        "--charset", type=click.Choice(CHARSETS), help="What a table or vCards are written in."
    ),
    click.option(
        "--header/--no-header",
        "has_header",
        default=None,
        help="Whether a row of a table names its columns, unless that can be told.",
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read; what nobody said is told by the content."""

    mapped: tuple[str, ...]
    proposed: bool
    charset: str | None
    has_header: bool | None

    @property
    def is_said(self) -> bool:
        """Whether somebody said anything."""
        said = (*self.mapped, self.proposed, self.charset, self.has_header is not None)
        return any(said)


def reading_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command, which is given them as its `reading`."""

    @wraps(function)
    def gathered(
        *,
        mapped: tuple[str, ...],
        proposed: bool,
        charset: str | None,
        has_header: bool | None,
        **others: Any,
    ) -> None:
        function(reading=Reading(mapped, proposed, charset, has_header), **others)

    found: Callable[..., None] = gathered
    for option in reversed(_OPTIONS):
        found = option(found)
    return found

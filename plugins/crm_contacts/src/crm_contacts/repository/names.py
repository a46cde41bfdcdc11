"""Names of which a workspace has each once: those of tags, lists and segments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

_UNIQUE = frozenset(f"{table}_workspace_id_key_key" for table in ("tag", "contact_list", "segment"))


class NameTaken(Exception):
    """Somebody else has given the name meanwhile; the transaction is of no use any more."""


@contextmanager
def unique_names() -> Iterator[None]:
    """Raise `NameTaken` where the block writes a name that is in use."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if getattr(diagnosis, "constraint_name", None) in _UNIQUE:
            raise NameTaken from error
        raise

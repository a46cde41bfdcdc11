"""What people do with their own account, on the page and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from uuid import UUID

from meishi.context import current_scope
from meishi.core.identity.contract import AccountNotFound, Accounts
from meishi.personal_data.account import AccountRequest
from meishi.personal_data.archive import write_archive
from meishi.personal_data.jobs import ERASE_ACCOUNT

#: What an archive is, and how it is called.
ZIP, ARCHIVE = "application/zip", "personal-data.zip"

_BUFFER = 1 << 20


def own_archive() -> Iterator[bytes]:
    """Return everything that is known by the account of who asks: a ZIP file, in pieces."""
    return _pieces(_person())


def close_account(password: str, *, address: str) -> None:
    """Sign somebody out everywhere, and have their account erased.

    `address` is where the request comes from. Raises what `Accounts.close` raises; nothing is
    done then.
    """
    user_id = _person()
    host = current_scope().host
    host.service(Accounts).close(user_id=user_id, password=password, address=address)
    arguments = {"user_id": user_id}
    host.request_job(ERASE_ACCOUNT, arguments, at=None, priority=None, subject=None)


def _person() -> UUID:
    scope = current_scope()
    user_id = scope.actor.user_id
    assert user_id is not None
    if not scope.host.service(Accounts).get(user_id).has_password:
        raise AccountNotFound("This token is a service's, and stands for no person.")
    return user_id


def _pieces(user_id: UUID) -> Iterator[bytes]:
    with TemporaryFile() as file:
        write_archive(file, AccountRequest(user_id).export)
        file.seek(0)
        while piece := file.read(_BUFFER):
            yield piece

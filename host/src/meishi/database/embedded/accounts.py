"""Which accounts of this machine the server can run as."""

import pwd
from dataclasses import dataclass

_SPARE = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """A user id with its main group, both known to the machine by name."""

    uid: int
    gid: int


def account_of(uid: int) -> Account | None:
    """The account with this user id; initdb refuses to run as one that has no name."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def spare_account() -> Account | None:
    """An unprivileged account that nearly every system has."""
    named = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next((named[name] for name in _SPARE if name in named), None)
    return Account(entry.pw_uid, entry.pw_gid) if entry else None

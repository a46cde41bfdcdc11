"""Where the database is: the operator's, or one that Meishi runs itself."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.pq import Conninfo
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.engine import driver_url
from meishi.database.roles import RoleNames
from meishi.errors import OperatorError, SettingsError
from meishi.settings import Settings

DATABASE_NAME = "meishi"
DRIVER = "postgresql+psycopg"


@dataclass(slots=True)
class Location:
    """How to reach the database, as the runtime login and, where known, as administrator."""

    runtime_url: str = field(repr=False)
    admin_url: str | None = field(repr=False)
    server: EmbeddedPostgres | None = None

    def close(self) -> None:
        """Stop using the embedded server; it ends with its last user."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def administrator_url(self) -> str:
        """Return the administrator's URL, or raise saying which setting is missing."""
        if self.admin_url is None:
            raise SettingsError(
                "This needs an administrator's connection to the database.",
                hint="Set MEISHI_DATABASE_ADMIN_URL.",
            )
        return self.admin_url


def locate(settings: Settings) -> Location:
    """Return where the database is; starts or joins the embedded server if none is named."""
    if settings.database_url is not None:
        _check_url("database_url", settings.database_url)
        if settings.database_admin_url is not None:
            _check_url("database_admin_url", settings.database_admin_url)
        return Location(settings.database_url, settings.database_admin_url)
    with ExitStack() as interrupted:
        server = EmbeddedPostgres(settings.home)
        interrupted.callback(server.stop)
        server.start()
        password = _stored_secret(settings.home / "database-password")
        runtime = server.url(RoleNames(settings.deployment).runtime, password, DATABASE_NAME)
        location = Location(runtime, _with_database(server.admin_url, DATABASE_NAME), server)
        interrupted.pop_all()
    return location


def _with_database(url: str, name: str) -> str:
    return make_url(driver_url(url)).set(database=name).render_as_string(hide_password=False)


def _check_url(key: str, value: str) -> None:
    form = "postgresql://user:password@host:5432/meishi"
    try:
        url = make_url(driver_url(value))
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"`{key}` is not a database URL.", hint=form) from error
    if url.get_backend_name() != "postgresql" or not url.username:
        raise SettingsError(f"`{key}` must name PostgreSQL and a user.", hint=form)
    if url.drivername != DRIVER:
        raise SettingsError(f"`{key}` names a driver; Meishi has its own.", hint=form)
    unknown = sorted(set(url.query) - {item.keyword.decode() for item in Conninfo.get_defaults()})
    if unknown:
        raise SettingsError(
            f"`{key}` has the unknown option `{unknown[0]}`.",
            hint="Options are those of libpq, such as `?sslmode=require`.",
        )


def _stored_secret(file: Path) -> str:
    """Return the secret in a file, making both on first use; only the owner may read it.

    The name appears with the secret behind it; an empty file is what an interrupted write of
    old left, and counts as missing.
    """
    try:
        stored = _read_secret(file)
        if not stored:
            with _locked(file.parent):
                # Another process may have been first.
                stored = _read_secret(file) or _written_secret(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no password of ours"
        raise OperatorError(
            f"The password file {file} cannot be used: {reason}.",
            hint="Give this account access, or restore the file from a backup.",
        ) from error
    return stored


def _read_secret(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _written_secret(file: Path) -> str:
    """Make a secret, put it into the file as a whole, and return it."""
    secret = secrets.token_urlsafe(32)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secret)
            handle.flush()
            os.fsync(handle.fileno())
        Path(name).rename(file)
    finally:
        Path(name).unlink(missing_ok=True)
    return secret


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

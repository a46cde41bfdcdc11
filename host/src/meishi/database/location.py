"""Where the database is: the operator's, or one that Meishi runs itself."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.engine import driver_url
from meishi.database.roles import RoleNames
from meishi.errors import OperatorError, SettingsError
from meishi.settings import Settings

DATABASE_NAME = "meishi"


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
    server = EmbeddedPostgres(settings.home)
    server.start()
    password = _stored_secret(settings.home / "database-password")
    runtime = server.url(RoleNames(settings.deployment).runtime, password, DATABASE_NAME)
    return Location(runtime, _with_database(server.admin_url, DATABASE_NAME), server)


def _with_database(url: str, name: str) -> str:
    return make_url(driver_url(url)).set(database=name).render_as_string(hide_password=False)


def _check_url(key: str, value: str) -> URL:
    try:
        url = make_url(driver_url(value))
    except (ArgumentError, ValueError) as error:
        raise SettingsError(
            f"`{key}` is not a database URL.", hint="postgresql://user:password@host:5432/meishi"
        ) from error
    if url.get_backend_name() != "postgresql" or not url.username:
        raise SettingsError(
            f"`{key}` must name PostgreSQL and a user.",
            hint="postgresql://user:password@host:5432/meishi",
        )
    return url


def _stored_secret(file: Path) -> str:
    """Return the secret in a file, making both on first use; only the owner may read it."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        secret = secrets.token_urlsafe(32)
        handle.write(secret)
    return secret

"""Extensions: values that plugins add to the resources of others, loaded once for an answer.

A document leaves as its owner has made it, with one more member at its end. Each plugin's values
are loaded as its own code, in a savepoint: one that fails costs nobody but itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from flask import current_app
from marshmallow import EXCLUDE, Schema

from meishi.context import current_scope
from meishi.declarations import Extension
from meishi.lifecycle.extension_faults import EXTENSIONS
from meishi.lifecycle.raised import raised
from meishi.lifecycle.resource_names import ResourcesOfPlugin, named, owner_of, resources_of
from meishi.logs import logger
from meishi.remote.hooked import LoadedValues

#: Where an application keeps what is added to which resource.
EXTENDED = "meishi_extended_resources"


class _Identified(msgspec.Struct):
    """What of a document says whose values are wanted."""

    id: UUID


_IDENTIFIED = msgspec.json.Decoder(_Identified)
_NOTHING = b"null"


class _Refused(Exception):
    """What a plugin has loaded is not what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedValues:
    """What one plugin adds to a resource; `permission` has its full name."""

    plugin: str
    permission: str
    declared: Extension
    _written: Schema = field(init=False)
    _read: Schema = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_written", self.declared.schema())
        # A field that is written alone would be unknown to who reads it back.
        object.__setattr__(self, "_read", self.declared.schema(unknown=EXCLUDE))

    def load(self, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Return JSON of each resource's values, null where there are none; all that are sound."""
        work = current_scope().work
        try:
            with work.savepoint(), work.entered(self.plugin):
                return self._as_json(ids, self._loaded(ids))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
            self._log(raised(error), len(ids))
            return {}

    def _loaded(self, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        found: object = self.declared.load(ids)
        if not isinstance(found, Mapping):
            raise _Refused(f"`load` must return a mapping, not a {type(found).__qualname__}")
        for key in found.keys() - set(ids):
            raise _Refused(f"`load` returned values of {key!r}, which was not asked for")
        return found

    def _as_json(self, ids: Sequence[UUID], found: Mapping[UUID, Any]) -> dict[UUID, bytes]:
        written = dict.fromkeys(ids, _NOTHING)
        faults: list[str] = []
        for key, value in found.items():
            try:
                written[key] = _NOTHING if value is None else self._checked(value)
            except Exception as error:  # noqa: BLE001 (as above; other values are sound)
                faults.append(f"{key}: {raised(error)}")
                del written[key]
        if faults:
            name = type(self._written).__name__
            self._log(f"{name} refuses the values of {faults[0]}", len(faults))
        return written

    def _checked(self, value: Any) -> bytes:
        """Return a value as its schema writes it; raise unless the schema would read it, too."""
        # What comes from a service was written there.
        apart = isinstance(value, LoadedValues)
        written = value.read() if apart else self._written.dump(value)
        faults = self._read.validate(written)
        if faults:
            raise _Refused(str(faults))
        return msgspec.json.encode(written)

    def _log(self, error: str, count: int) -> None:
        logger("error").error(
            "extension_failed",
            plugin=self.plugin,
            target=self.declared.target,
            resources=count,
            error=error,
        )


def extended_resources(
    active: Sequence[ResourcesOfPlugin],
) -> dict[type[Schema], tuple[AddedValues, ...]]:
    """Return what active plugins add to the resources of others that are active, in order."""
    owners = {item.plugin: resources_of(item.schemas) for item in active}
    found: dict[type[Schema], tuple[AddedValues, ...]] = {}
    for contribution in active:
        for extension in contribution.schemas.extensions:
            if (resources := owners.get(owner_of(extension.target))) is not None:
                added = AddedValues(
                    plugin=contribution.plugin,
                    permission=f"{contribution.manifest.prefix}.{extension.permission}",
                    declared=extension,
                )
                schema = named(extension.target, resources)
                found[schema] = (*found.get(schema, ()), added)
    return found


def added_values(resource: type[Schema] | None) -> tuple[AddedValues, ...]:
    """Return what is added to a resource in the current application, of whatever plugins."""
    if resource is None:
        return ()
    extended = current_app.extensions.get(EXTENDED)
    return () if extended is None else extended.get(resource, ())


def with_added(added: Iterable[AddedValues], bodies: Sequence[bytes]) -> list[bytes]:
    """Return documents with what the caller may see of others' values as their last member."""
    ids = [_IDENTIFIED.decode(body).id for body in bodies]
    members: list[list[bytes]] = [[] for _ in ids]
    asked = tuple(dict.fromkeys(ids))
    for item in added:
        if asked and _is_shown(item):
            values, name = item.load(asked), item.plugin.encode()
            for key, member in zip(ids, members, strict=True):
                if key in values:
                    member.append(b'"%b":%b' % (name, values[key]))
    return [
        b'%b,"%b":{%b}}' % (_opened(body), EXTENSIONS.encode(), b",".join(member))
        for body, member in zip(bodies, members, strict=True)
    ]


def _is_shown(item: AddedValues) -> bool:
    """Whether the caller may see a plugin's values, in a workspace where it is on."""
    scope = current_scope()
    if item.permission not in scope.actor.permissions:
        return False
    is_on: bool = current_app.extensions["meishi"].is_on(item.plugin, scope.workspace_id)
    return is_on


def _opened(body: bytes) -> bytes:
    """Return a document without its last brace; an `id` is in it, so a comma may follow."""
    return body.rstrip()[:-1]

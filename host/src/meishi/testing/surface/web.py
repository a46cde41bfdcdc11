"""The web API as a whole: its document without what only people read, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meishi.settings import BootPolicy, Settings
from meishi.testing.surface.changes import Change
from meishi.testing.surface.schemas import Direction, SchemaComparison

#: What programs do not act upon, or what a deployment sets for itself.
_FOR_PEOPLE = frozenset({"description", "example", "examples", "summary", "tags", "title"})
_LEFT_OUT = frozenset({"info", "servers", "tags", "x-limits"})
#: What belongs to the names of values, and not to the words about them.
_NAMED = frozenset({"properties", "schemas", "parameters", "responses", "headers", "paths"})
_METHODS = ("get", "head", "post", "put", "patch", "delete")

Json = Mapping[str, Any]


def web_document(settings: Settings) -> dict[str, Any]:
    """Return the OpenAPI document of all plugins that settings name; no database is asked."""
    from meishi.http.draft import Draft
    from meishi.http.mounting import take_out_unservable
    from meishi.lifecycle.loading import load_plugins

    plugins = load_plugins(settings)
    draft = take_out_unservable(plugins)
    plugins.enforce(BootPolicy.STRICT)
    document = (draft or Draft(plugins.active())).document
    kept = {key: value for key, value in document.items() if key not in _LEFT_OUT}
    reduced: dict[str, Any] = _for_programs(kept, names=False)
    return reduced


def _for_programs(node: Any, *, names: bool) -> Any:
    """Return a part of the document without what is for people; keys may be names of values."""
    if isinstance(node, Mapping):
        return {
            key: _for_programs(value, names=key in _NAMED and not names)
            for key, value in sorted(node.items())
            if names or key not in _FOR_PEOPLE
        }
    if isinstance(node, list | tuple):
        items = [_for_programs(item, names=False) for item in node]
        return sorted(items, key=repr)
    return node


def web_changes(old: Json, new: Json) -> Iterator[Change]:
    """Yield what has changed between two documents, shared schemas after the operations."""
    schemas = SchemaComparison(old, new)
    before, after = dict(_operations(old)), dict(_operations(new))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Change(name, "is gone", breaking=True)
        elif name not in before:
            yield Change(name, "is new", breaking=False)
        else:
            yield from _operation_changes(name, before[name], after[name], schemas)
    yield from schemas.shared_changes()


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                shared = item.get("parameters", [])
                operation = {**item[method]}
                operation["parameters"] = [*shared, *operation.get("parameters", [])]
                yield f"{method.upper()} {path}", operation


def _operation_changes(
    name: str, old: Json, new: Json, schemas: SchemaComparison
) -> Iterator[Change]:
    for key, what in (("x-permission", "the permission"), ("operationId", "the name"),
                      ("security", "the security")):  # fmt: skip
        if old.get(key) != new.get(key):
            told = f"{what} was `{old.get(key)}`, is `{new.get(key)}`"
            yield Change(name, told, breaking=True)
    if not old.get("deprecated") and new.get("deprecated"):
        yield Change(name, "is deprecated", breaking=False)
    yield from _parameter_changes(name, old, new, schemas)
    yield from _body_changes(name, old.get("requestBody"), new.get("requestBody"), schemas)
    yield from _response_changes(name, old["responses"], new["responses"], schemas)


def _parameter_changes(
    name: str, old: Json, new: Json, schemas: SchemaComparison
) -> Iterator[Change]:
    before = {(item["in"], item["name"]): item for item in schemas.old_items(old["parameters"])}
    after = {(item["in"], item["name"]): item for item in schemas.new_items(new["parameters"])}
    for place, key in sorted(before.keys() | after.keys()):
        said = f"the parameter `{key}` ({place})"
        was, now = before.get((place, key)), after.get((place, key))
        if now is None:
            yield Change(name, f"{said} is gone", breaking=True)
        elif was is None:
            needed = bool(now.get("required"))
            more = " and has to be given" if needed else ""
            yield Change(name, f"{said} is new{more}", breaking=needed)
        else:
            if now.get("required") and not was.get("required"):
                yield Change(name, f"{said} has to be given", breaking=True)
            found = schemas.changes(was.get("schema"), now.get("schema"), Direction.SENT)
            for what, breaking in found:
                yield Change(name, f"{said}{what}", breaking=breaking)


def _body_changes(
    name: str, old: Json | None, new: Json | None, schemas: SchemaComparison
) -> Iterator[Change]:
    if old is None or new is None:
        if old is not None:
            yield Change(name, "takes no body any more", breaking=True)
        elif new is not None:
            yield Change(name, "takes a body", breaking=bool(new.get("required")))
        return
    if new.get("required") and not old.get("required"):
        yield Change(name, "the body has to be sent", breaking=True)
    yield from _content_changes(name, "the body", old, new, schemas, Direction.SENT)


def _response_changes(
    name: str, old: Json, new: Json, schemas: SchemaComparison
) -> Iterator[Change]:
    for status in sorted(old.keys() | new.keys()):
        said = f"the answer {status}"
        if status not in new:
            yield Change(name, f"{said} is gone", breaking=status.startswith("2"))
        elif status not in old:
            yield Change(name, f"{said} is new", breaking=False)
        else:
            was, now = schemas.old_item(old[status]), schemas.new_item(new[status])
            for header in sorted(was.get("headers", {}).keys() - now.get("headers", {}).keys()):
                yield Change(name, f"{said} has no header `{header}` any more", breaking=True)
            direction = Direction.ANSWERED if status.startswith("2") else Direction.REFUSED
            yield from _content_changes(name, said, was, now, schemas, direction)


def _content_changes(
    name: str, said: str, old: Json, new: Json, schemas: SchemaComparison, direction: Direction
) -> Iterator[Change]:
    before, after = old.get("content", {}), new.get("content", {})
    for media in sorted(before.keys() | after.keys()):
        if media not in after:
            yield Change(name, f"{said} is not `{media}` any more", breaking=True)
        elif media not in before:
            yield Change(name, f"{said} may be `{media}`", breaking=False)
        else:
            found = schemas.changes(
                before[media].get("schema"), after[media].get("schema"), direction
            )
            for what, breaking in found:
                yield Change(name, f"{said}{what}", breaking=breaking)

"""Check of routes: each has a permission, and the OpenAPI document says all that it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from meishi.host import Host
from meishi.http.docs.curl import is_json
from meishi.http.docs.document import Document, Json, as_list, as_object, as_text
from meishi.http.documented_problems import host_problems
from meishi.http.problem_schema import PROBLEM_TYPE, problem_type
from meishi.http.routes import prefix_of
from meishi.lifecycle.contribution import Contribution
from meishi.testing.conformance.declared_errors import declared_errors
from meishi.testing.conformance.json_values import JsonSchemas

_PARAMETER = re.compile(r"<(?:[^<>]*:)?([^<>]+)>")
#: What a schema says of octets, of which no example can be written down.
_BINARY = frozenset({"binary", "application/octet-stream"})


def route_document_faults(app: Flask, plugin: str) -> Iterator[str]:
    """Yield a sentence for each thing that the document lacks of a plugin's operations.

    It is the document that is served: of each operation a permission that is declared, a summary,
    every status that it can answer with, and examples that their own schemas accept.
    """
    host: Host = app.extensions["meishi"]
    contribution = host.plugins.contributions[plugin]
    served = app.test_client().get("/api/openapi.json").json
    document = Document(as_object(served))
    for operation in _operations(contribution, document):
        for fault in operation.faults(contribution.permission_names()):
            yield f"{operation.name}: {fault}"


def _operations(contribution: Contribution, document: Document) -> Iterator[_Operation]:
    paths = as_object(document.content.get("paths"))
    for blueprint in contribution.routes:
        for _, rule, view in blueprint.views():
            path = f"{prefix_of(contribution, blueprint)}{rule}"
            item = as_object(paths.get(_PARAMETER.sub(r"{\1}", path)))
            for method in sorted(view.methods or ()):
                yield _Operation(
                    name=f"{method} {path}",
                    view=getattr(view, method.lower()),
                    said=as_object(item.get(method.lower())),
                    document=document,
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """An operation, and what the document says of it."""

    name: str
    view: Callable[..., Any]
    said: Json
    document: Document

    def faults(self, permissions: Collection[str]) -> Iterator[str]:
        """Yield what is missing or wrong; the plugin declares these permissions."""
        if not self.said:
            yield "it is not in the OpenAPI document"
            return
        if self.said.get("x-permission") not in permissions:
            yield "it needs no permission that the plugin declares"
        if not as_text(self.said.get("summary")):
            yield "it has no summary; begin its function's docstring with one"
        yield from self._status_faults()
        yield from self._body_faults()
        for status, response in self._responses().items():
            yield from self._answer_faults(status, response)

    def _responses(self) -> dict[str, Json]:
        responses = as_object(self.said.get("responses"))
        return {status: self.document.resolve(node) for status, node in responses.items()}

    def _status_faults(self) -> Iterator[str]:
        documented = self._responses()
        if not any(status.startswith("2") for status in documented):
            yield "no response of success is documented"
        method, path = self.name.split()
        needed = {
            str(status): "the host may answer with it"
            for status in host_problems(path, method.lower(), self.said)
        }
        if "<" in self.name and "$ref" in as_object(self.said.get("responses")).get("404", {}):
            # The host's own says that the address is none; whose it is knows what is missing.
            documented.pop("404")
            needed["404"] = "what its path names may be missing"
        for error in sorted(declared_errors(self.view), key=lambda error: error.code):
            status = str(error.status)
            if status not in documented:
                needed[status] = f"it may end with {error.__name__}"
            elif problem_type(error.code) not in _types(documented[status]):
                yield f"the response {status} is not said to be {error.__name__}, as it may be"
        for status in sorted(needed.keys() - documented.keys()):
            yield f"the response {status} is not documented, though {needed[status]}"

    def _answer_faults(self, status: str, response: Json) -> Iterator[str]:
        contents = as_object(response.get("content"))
        if not as_text(response.get("description")):
            yield f"the response {status} is not described"
        if status[:1] in {"4", "5"} and set(contents) != {PROBLEM_TYPE}:
            yield f"the response {status} is no problem ({PROBLEM_TYPE})"
        for media_type, media in contents.items():
            if is_json(media_type):
                yield from self._example_faults(
                    f"the response {status}", as_object(media), answer=True
                )

    def _body_faults(self) -> Iterator[str]:
        body = self.document.resolve(self.said.get("requestBody"))
        for media_type, node in as_object(body.get("content")).items():
            media = as_object(node)
            if _BINARY.isdisjoint(as_object(media.get("schema")).values()):
                yield from self._example_faults(f"the body {media_type}", media, answer=False)
            for example in _examples(media):
                if is_json(media_type) and (refused := _refused(self.view, example)):
                    yield f"an example of the body is refused by its own schema: {refused}"

    def _example_faults(self, name: str, media: Json, *, answer: bool) -> Iterator[str]:
        examples = list(_examples(media))
        if not examples:
            yield f"{name} has no example"
        schemas = JsonSchemas(self.document, answer=answer)
        for example in examples:
            wrong = list(schemas.faults(example, media.get("schema", True)))
            if wrong:
                yield f"an example of {name} is not what its schema says: {'; '.join(wrong)}"


def _types(response: Json) -> Collection[str]:
    """Return the types of problems that a response may be."""
    schema = as_object(
        as_object(as_object(response.get("content")).get(PROBLEM_TYPE)).get("schema")
    )
    return as_list(as_object(as_object(schema.get("properties")).get("type")).get("enum"))


def _examples(media: Json) -> Iterator[Any]:
    if "example" in media:
        yield media["example"]
    for named in as_object(media.get("examples")).values():
        yield as_object(named).get("value")


def _refused(view: Callable[..., Any], example: Any) -> dict[str, Any]:
    """Return what an operation's own schema says against a body."""
    documented = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ())
    schemas = (found["schema"] for found in documented if found["in"] == "json")
    return {
        name: message
        for schema in schemas
        for name, message in schema.validate(example, many=schema.many).items()
    }

"""The operations of a document, as the page shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meishi.http.docs.curl import curl
from meishi.http.docs.document import Document, Json, anchors, as_list, as_object, as_text
from meishi.http.docs.examples import example_of, media_example
from meishi.http.docs.facts import Fact, facts_of
from meishi.http.docs.media import Media, media_of
from meishi.http.docs.type_names import TypeName, type_name

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a request, or a header of a response."""

    name: str
    location: str
    type: TypeName
    required: bool
    description: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The body of a request."""

    required: bool
    description: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response; `failed` is whether its status says so."""

    status: str
    description: str
    media: tuple[Media, ...]
    headers: tuple[Parameter, ...]

    @property
    def failed(self) -> bool:
        """Whether the status is an error's; `default` stands for whatever else may come."""
        return self.status[:1] in {"4", "5"} or self.status == "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of a path."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    public: bool
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: tuple[Answer, ...]
    curl: str

    @property
    def title(self) -> str:
        """The summary as a heading, or the address where there is none."""
        return self.summary.rstrip(".") or f"{self.method} {self.path}"


def operations_of(document: Document) -> Iterator[Operation]:
    """Yield every operation in the order of the document."""
    found = {
        f"{method} {path}": (method, path, document.resolve(item))
        for path, item in as_object(document.content.get("paths")).items()
        for method in METHODS
        if method in document.resolve(item)
    }
    said = {
        key: as_text(as_object(item[method]).get("operationId"))
        for key, (method, _, item) in found.items()
    }
    uses = Counter(said.values())
    names = {key: name if name and uses[name] == 1 else key for key, name in said.items()}
    ids = anchors("operation", names.values())
    for key, (method, path, item) in found.items():
        reader = _Reader(document, item, as_object(item[method]))
        yield reader.read(method.upper(), path, ids[names[key]])


class _Reader:
    """Reads one operation."""

    def __init__(self, document: Document, item: Json, operation: Json) -> None:
        self._document = document
        self._item = item
        self._operation = operation

    def read(self, method: str, path: str, anchor: str) -> Operation:
        """Return the operation."""
        said = self._operation
        security = said.get("security", self._document.content.get("security"))
        public = not as_list(security) or {} in as_list(security)
        answers = tuple(self._answers())
        return Operation(
            anchor=anchor,
            tag=next((tag for tag in as_list(said.get("tags")) if isinstance(tag, str)), ""),
            method=method,
            path=path,
            summary=as_text(said.get("summary")),
            description=as_text(said.get("description")),
            permission=as_text(said.get("x-permission")),
            public=public,
            deprecated=said.get("deprecated") is True,
            parameters=tuple(map(self._parameter, self._given_parameters())),
            body=self._body(),
            answers=answers,
            curl=curl(
                method,
                path,
                token=not public,
                query=dict(self._required("query")),
                headers=dict(self._required("header")),
                body=self._first_body(),
                answer=next((m.name for a in answers if not a.failed for m in a.media), ""),
            ),
        )

    def _given_parameters(self) -> list[Json]:
        """Return the path's and the operation's parameters; the latter's win."""
        found = {}
        for holder in (self._item, self._operation):
            for node in as_list(holder.get("parameters")):
                given = self._document.resolve(node)
                found[as_text(given.get("in")), as_text(given.get("name"))] = given
        return list(found.values())

    def _parameter(self, given: Json) -> Parameter:
        schema = _schema(given)
        resolved = self._document.resolve(schema)
        description = as_text(given.get("description")) or as_text(resolved.get("description"))
        old = (Fact("deprecated"),) if given.get("deprecated") is True else ()
        return Parameter(
            name=as_text(given.get("name")),
            location=as_text(given.get("in")),
            type=type_name(self._document, schema),
            required=given.get("required") is True,
            description=description,
            facts=old + facts_of(resolved),
        )

    def _required(self, location: str) -> Iterator[tuple[str, Any]]:
        for given in self._given_parameters():
            if given.get("in") == location and given.get("required") is True:
                own = {"example": given["example"]} if "example" in given else _schema(given)
                yield as_text(given.get("name")), example_of(self._document, own, answer=False)

    def _request(self) -> Json:
        return self._document.resolve(self._operation.get("requestBody"))

    def _first_body(self) -> tuple[str, Any] | None:
        for name, media in as_object(self._request().get("content")).items():
            return name, media_example(self._document, as_object(media), answer=False)
        return None

    def _body(self) -> Body | None:
        said = self._request()
        if not said:
            return None
        return Body(
            required=said.get("required") is True,
            description=as_text(said.get("description")),
            media=media_of(self._document, said, answer=False),
        )

    def _answers(self) -> Iterator[Answer]:
        for status, node in as_object(self._operation.get("responses")).items():
            said = self._document.resolve(node)
            headers = as_object(said.get("headers"))
            yield Answer(
                status=status,
                description=as_text(said.get("description")),
                media=media_of(self._document, said, answer=True),
                headers=tuple(
                    self._parameter({"in": "header", **self._document.resolve(node), "name": name})
                    for name, node in headers.items()
                ),
            )


def _schema(given: Json) -> object:
    """Return the schema of a parameter, which may stand in its only media type."""
    for media in as_object(given.get("content")).values():
        return as_object(media).get("schema", True)
    return given.get("schema", True)

"""The catalogue's documents: AsyncAPI 3.0 and Mermaid, made from declarations alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishi.declarations import EventHandler, Subscription, on
from meishi.events.asyncapi import asyncapi_document
from meishi.events.event_map import EventMap, PluginEvents, event_map
from meishi.events.flowchart import flowchart
from meishi.sdk.contract import Event

from .conftest import ThingForgotten, ThingMade, ThingSeen


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is."""

    place: tuple[int, str]
    inside: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMoved(Event):
    """A thing is elsewhere.

    It knows the "way" that it went.
    """

    event_type: ClassVar[str] = "thing.moved.v10"
    subject: ClassVar[str] = "thing"

    thing: UUID
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMovedV9(Event):  # noqa: D101 (without a docstring, dataclasses make one up)
    event_type: ClassVar[str] = "thing.moved.v9"
    subject: ClassVar[str] = "thing"

    thing: UUID

    def upcast(self) -> ThingMoved:
        """Return it without its way."""
        return ThingMoved(thing=self.thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingForgottenElsewhere(Event):
    """A listener's own idea of an event whose owner is not there."""

    event_type: ClassVar[str] = "thing.forgotten.v1"
    subject: ClassVar[str] = "thing"

    thing: str


def hear(_events: object) -> None:
    """Do nothing."""


def also_hear(_events: object) -> None:
    """Do nothing either."""


HANDLERS: list[EventHandler] = [
    on(ThingMoved, hear, mode="in_transaction"),
    on(ThingMoved, hear),
    on(ThingMoved, also_hear),
    on(ThingMoved, hear, subscription=Subscription(name="search")),
    on(ThingForgotten, hear),
]
PLUGINS = [
    PluginEvents(
        plugin="things", title='Things "and" <more>', handlers=(),
        events=(ThingMoved, ThingMade, ThingMovedV9),
    ),
    PluginEvents(plugin="end", title="The end", events=(ThingSeen,), handlers=HANDLERS),
    PluginEvents(plugin="mute", title="Mute", events=(), handlers=()),
]  # fmt: skip


@pytest.fixture
def found() -> EventMap:
    """Two plugins that are concerned: one publishes, the other listens in every way."""
    return event_map(PLUGINS)


@pytest.fixture
def document(found: EventMap) -> Any:
    """The AsyncAPI document, as those read it who get it."""
    return msgspec.json.decode(msgspec.json.encode(asyncapi_document(found)))


def test_types_stand_in_the_order_of_name_and_version(found: EventMap) -> None:
    """Version 10 comes after 9; owner, successor and listeners are told, each once."""
    assert [(item.name, item.owner, item.read_as) for item in found.types] == [
        ("thing.forgotten.v1", None, None),
        ("thing.made.v2", "things", None),
        ("thing.moved.v9", "things", "thing.moved.v10"),
        ("thing.moved.v10", "things", None),
        ("thing.seen.v1", "end", None),
    ]
    assert [str(listener) for listener in found.types[3].listeners] == [
        "end.main (durable)",
        "end.search (durable)",
        "end (in_transaction)",
    ]
    assert found.concerned == ["end", "things"]


@pytest.mark.parametrize("write", [asyncapi_document, flowchart])
def test_the_same_declarations_give_the_same_document(write: Callable[[EventMap], Any]) -> None:
    """In whatever order plugins were loaded, byte for byte."""
    stranger = PluginEvents(
        plugin="zoo", title="Zoo", events=(), handlers=[on(ThingForgottenElsewhere, hear)]
    )
    plugins = [*PLUGINS, stranger]
    one, other = (write(event_map(order)) for order in (plugins, plugins[::-1]))
    assert msgspec.json.encode(one) == msgspec.json.encode(other)


def references(node: Any) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


#: What AsyncAPI 3.0 lets an object of a kind have; names of ours begin with `x-`.
ALLOWED = {
    "document": "asyncapi id info servers defaultContentType channels operations components",
    "info": "title version description termsOfService contact license tags externalDocs",
    "channel": "address messages title summary description servers parameters tags externalDocs"
    " bindings",
    "operation": "action channel title summary description security tags externalDocs bindings"
    " traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags"
    " externalDocs bindings examples traits",
}


def unknown(kind: str, node: Any) -> set[str]:
    """Return the members of an object that its kind does not have."""
    return {name for name in node if not name.startswith("x-")} - {*ALLOWED[kind].split()}


def test_the_document_keeps_the_rules_of_asyncapi(document: Any) -> None:
    """Members, required ones and references are those of version 3.0.

    It was held against the schema of the specification once, by AsyncAPI's own parser.
    """
    assert document["asyncapi"] == "3.0.0"
    assert unknown("document", document) == unknown("info", document["info"]) == set()
    assert {"title", "version"} <= document["info"].keys()
    for name, channel in document["channels"].items():
        assert unknown("channel", channel) == set()
        assert channel["address"] == name
    for operation in document["operations"].values():
        assert unknown("operation", operation) == set()
        assert operation["action"] in {"send", "receive"}
        (message,) = operation["messages"]
        assert message["$ref"].startswith(f"{operation['channel']['$ref']}/messages/")
    for message in document["components"]["messages"].values():
        assert unknown("message", message) == set()
        assert message["headers"]["type"] == "object"
        assert set(message["headers"]["required"]) <= message["headers"]["properties"].keys()
    names = [*document["components"]["messages"], *document["components"]["schemas"]]
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert isinstance(node, dict)


def test_operations_say_who_sends_and_who_receives_how(document: Any) -> None:
    """The owner sends, unless the type is retired; each way of listening is one operation."""
    told = {
        name: (item["action"], item.get("x-meishi-mode"), item.get("x-meishi-subscription"))
        for name, item in document["operations"].items()
    }
    assert told == {
        "end.main.receive.thing.forgotten.v1": ("receive", "durable", "end.main"),
        "things.send.thing.made.v2": ("send", None, None),
        "things.send.thing.moved.v10": ("send", None, None),
        "end.main.receive.thing.moved.v10": ("receive", "durable", "end.main"),
        "end.search.receive.thing.moved.v10": ("receive", "durable", "end.search"),
        "end.in_transaction.receive.thing.moved.v10": ("receive", "in_transaction", None),
        "end.send.thing.seen.v1": ("send", None, None),
    }


def test_messages_have_the_attributes_and_the_payload_of_their_class(document: Any) -> None:
    """Docstrings describe; a tuple is described in the words of AsyncAPI's own dialect."""
    message = document["components"]["messages"]["thing.moved.v10"]
    assert message["summary"] == "A thing is elsewhere."
    assert message["description"].endswith('It knows the "way" that it went.')
    headers = message["headers"]["properties"]
    assert headers["type"] == {"const": "thing.moved.v10"}
    assert headers["source"] == {"const": "things"}
    assert headers["dataschema"] == {"const": "urn:meishi:event:thing.moved.v10"}
    schemas = document["components"]["schemas"]
    assert message["payload"] == {"$ref": "#/components/schemas/ThingMoved"}
    assert schemas["ThingMoved"]["required"] == ["thing"]
    assert schemas["Spot"]["properties"]["place"] == {
        "type": "array", "minItems": 2, "maxItems": 2,
        "items": [{"type": "integer"}, {"type": "string"}], "additionalItems": False,
    }  # fmt: skip


def test_a_retired_version_says_what_it_is_read_as(document: Any) -> None:
    """It stays in the document as long as in the contract, without a made-up description."""
    message = document["components"]["messages"]["thing.moved.v9"]
    assert message["x-meishi-retired"] is True
    assert message["x-meishi-read-as"] == "thing.moved.v10"
    assert "description" not in message
    assert document["components"]["schemas"]["ThingMovedV9"]["deprecated"] is True
    assert "deprecated" not in document["components"]["schemas"]["ThingMoved"]
    assert "x-meishi-owner" not in document["channels"]["thing.forgotten.v1"]


def test_the_chart_draws_both_ways_of_listening_apart(found: EventMap) -> None:
    """No name becomes part of Mermaid's language, whatever it is."""
    assert flowchart(found).splitlines() == [
        "flowchart LR",
        '    p0["The end<br/>end"]',
        '    p1["Things #34;and#34; #60;more#62;<br/>things"]',
        '    e0(["thing.forgotten.v1"])',
        '    e1(["thing.made.v2"])',
        '    e2(["thing.moved.v9"])',
        '    e3(["thing.moved.v10"])',
        '    e4(["thing.seen.v1"])',
        '    e0 -.->|"main"| p0',
        "    p1 --> e1",
        '    e2 -->|"read as"| e3',
        "    p1 --> e3",
        '    e3 -.->|"main"| p0',
        '    e3 -.->|"search"| p0',
        "    e3 ==> p0",
        "    p0 --> e4",
        "    classDef retired stroke-dasharray: 4 4",
        "    class e2 retired",
    ]


@given(title=st.text(max_size=30))
def test_no_title_leaves_its_label(title: str) -> None:
    """Quotes, brackets, semicolons, line breaks and markup are shown, never read."""
    declared = PluginEvents(plugin="shop", title=title, events=(ThingMade,), handlers=())
    lines = flowchart(event_map([declared])).split("\n")
    assert len(lines) == 5
    label = lines[1].removeprefix('    p0["').removesuffix('<br/>shop"]')
    assert re.fullmatch(r"([\w .-]|#\d+;)*", label)

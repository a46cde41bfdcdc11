"""Lists: filters, sorts and cursors in the query, declared once and checked like all fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Self

import msgspec
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load, validate

from meishi.http.cursors import CURSOR_EXAMPLE, digest_of, invalid_cursor, read_cursor, sign_cursor
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey

MAX_LIMIT = 200
MAX_SORTS = 3
_LIMIT = 50

# ruff: noqa: ARG002 (the methods have marshmallow's signatures)


@dataclass(frozen=True, slots=True)
class Filter:
    """A field that a list can be filtered by: what its values are, and how they compare.

    Whether it is empty is said by `true` or `false`, whatever its values are; a field that is not
    compared otherwise says itself which of them.
    """

    field: type[fields.Field[Any]] | fields.Field[Any]
    operators: Sequence[Operator] = (Operator.EQ,)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the order and the choice of items that it belongs to, and the last item.

    `choice` stands for the filters and the text that was searched for.
    """

    order: str
    choice: bytes
    position: tuple[str, ...]

    @classmethod
    def of(cls, wanted: ListQuery, position: tuple[str, ...]) -> Self:
        """Return the cursor of a place in the list that was asked for."""
        chosen = sorted((item.field, item.operator, item.value) for item in wanted.conditions)
        order = order_of(wanted.sort, searched=wanted.text is not None)
        return cls(order, digest_of((chosen, wanted.text)), position)

    def encode(self) -> str:
        """Return signed text; callers hand it back and read nothing into it."""
        return sign_cursor(msgspec.msgpack.encode(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the cursor in a text; raise `InvalidCursor` unless this list gave it."""
        return msgspec.msgpack.decode(read_cursor(text), type=cls)

    def check(self, wanted: ListQuery) -> None:
        """Raise `InvalidCursor` unless the cursor belongs to the list that is asked for."""
        expected = Cursor.of(wanted, self.position)
        if self.order != expected.order:
            raise invalid_cursor("The cursor belongs to another order of the list.")
        if self.choice != expected.choice:
            raise invalid_cursor("The cursor belongs to other filters or another search.")


def order_of(sort: Sequence[SortKey], *, searched: bool) -> str:
    """Return the name of an order of a list, as `sort` writes it."""
    keys = [f"-{key.field}" if key.descending else key.field for key in sort]
    return ",".join(keys) or ("relevance" if searched else "")


class CursorTextField(fields.Field[Cursor]):
    """Where a page begins: `next_after` of the page before."""

    def __init__(self, *, metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        described = {"type": "string", "example": CURSOR_EXAMPLE, **(metadata or {})}
        super().__init__(metadata=described, **kwargs)

    def _serialize(self, value: Cursor | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else value.encode()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Cursor:
        return Cursor.decode(str(value))


class SortField(fields.Field[tuple[SortKey, ...]]):
    """Names of fields, separated by commas; a minus sign before one turns its order around."""

    def __init__(
        self, names: Sequence[str], *, families: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.names = tuple(names)
        self.families = tuple(families)

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **_: Any
    ) -> tuple[SortKey, ...]:
        written = [item.strip() for item in str(value).split(",")]
        keys = tuple(
            SortKey(field=item.removeprefix("-"), descending=item.startswith("-"))
            for item in written
        )
        names = [key.field for key in keys]
        if not all(name in self.names or self._is_named(name) for name in names):
            known = (*self.names, *(f"{family}.KEY" for family in self.families))
            raise ValidationError(f"Sort by some of: {', '.join(known)}.")
        if len(set(names)) < len(names):
            raise ValidationError("Name each field once.")
        if len(keys) > MAX_SORTS:
            raise ValidationError(f"Sort by at most {MAX_SORTS} fields.")
        return keys

    def _is_named(self, name: str) -> bool:
        family, point, own = name.partition(".")
        return bool(point) and family in self.families and _OWN.fullmatch(own) is not None


class ListQuerySchema(Schema):
    """Query parameters of a list; `list_query_schema` adds its filters and sorts."""

    #: Operators of filters whose fields have names of their own, by what these begin with.
    families: ClassVar[Mapping[str, Sequence[Operator]]] = {}

    class Meta:
        """Unknown parameters are errors, never silently dropped."""

        unknown = RAISE

    after = CursorTextField(metadata={"description": "`next_after` of the page before."})
    limit = fields.Integer(
        load_default=_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": "How many items at most."},
    )
    total = fields.Boolean(
        load_default=False, metadata={"description": "Whether to count all items."}
    )

    @classmethod
    def reads(cls, name: str) -> bool:
        """Whether a parameter that is no field is a filter of one of the families."""
        found = _NAMED.fullmatch(name)
        return found is not None and found[3] in cls.families.get(found[1], ())

    @pre_load
    def _declared(self, asked: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        """Return the parameters that are fields."""
        named = [name for name in asked if self.reads(name)]
        wrong = {name: [_NO_VALUE] for name in named if not 1 <= len(asked[name]) <= _MAX_VALUE}
        if wrong:
            raise ValidationError(wrong)
        return {name: asked[name] for name in asked if name not in named} if named else asked

    @post_load(pass_original=True)
    def _as_query(self, values: dict[str, Any], asked: Mapping[str, Any], **_: Any) -> ListQuery:
        sort: tuple[SortKey, ...] = values.get("sort", ())
        text: str | None = values.get("q")
        cursor: Cursor | None = values.get("after")
        wanted = ListQuery(
            conditions=(*self._conditions(values), *self._named_conditions(asked)),
            text=text,
            sort=sort,
            after=None if cursor is None else cursor.position,
            limit=values.get("limit", _LIMIT),
            with_total=values.get("total", False),
        )
        if cursor is not None:
            cursor.check(wanted)
        return wanted

    def _conditions(self, values: Mapping[str, Any]) -> list[Condition]:
        found = []
        for name, value in values.items():
            if name.startswith(_FILTER):
                field, operator = name.removeprefix(_FILTER).rsplit("__", 1)
                found.append(
                    Condition(field=field, operator=Operator(operator), value=_as_text(value))
                )
        return found

    def _named_conditions(self, asked: Mapping[str, Any]) -> Iterator[Condition]:
        for name in asked if self.families else ():
            if self.reads(name) and (found := _NAMED.fullmatch(name)):
                yield Condition(
                    field=f"{found[1]}.{found[2]}",
                    operator=Operator(found[3]),
                    value=asked[name],
                )


_FILTER = "filter__"
#: What a field of a family may be called, and the filter of one.
_OWN = re.compile(r"[a-z0-9_-]{1,64}")
_NAMED = re.compile(rf"filter\[([a-z_]+)\.({_OWN.pattern})\]\[([a-z]+)\]")
_MAX_VALUE = 4_000
_NO_VALUE = f"1 to {_MAX_VALUE} characters."


def list_query_schema(
    name: str,
    *,
    filters: Mapping[str, Filter] | None = None,
    sorts: Sequence[str] = (),
    searched: str | None = None,
    families: Mapping[str, Sequence[Operator]] | None = None,
) -> type[Schema]:
    """Return the schema of a list's query; loading it gives a `ListQuery`.

    A filter is the parameter `filter[<field>][<operator>]`; `sorts` are what `sort` may name;
    `searched` describes what `q` searches, if the list can be searched. `families` are filters and
    sorts of fields whose names only the data knows, `filter[<family>.<name>][<operator>]`: their
    values are not looked at here.
    """
    members: dict[str, Any] = {"families": families or {}}
    for field, declared in (filters or {}).items():
        for operator in declared.operators:
            is_flag = operator is Operator.EMPTY and len(declared.operators) > 1
            kind = fields.Boolean if is_flag else declared.field
            member = kind() if isinstance(kind, type) else deepcopy(kind)
            member.data_key = f"filter[{field}][{operator.value}]"
            members[f"{_FILTER}{field}__{operator.value}"] = member
    if sorts:
        described = (
            f"Fields, separated by commas, `-` before one for descending: {', '.join(sorts)}."
        )
        members["sort"] = SortField(
            sorts,
            families=tuple(families or ()),
            metadata={"type": "string", "description": described},
        )
    if searched is not None:
        members["q"] = fields.String(
            validate=validate.Length(1, 200), metadata={"description": searched}
        )
    return type(name, (ListQuerySchema,), {"__doc__": ListQuerySchema.__doc__, **members})


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)

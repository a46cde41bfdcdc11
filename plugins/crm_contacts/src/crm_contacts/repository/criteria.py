"""What narrows a list of contacts, and how it is sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from crm_contacts.words import SearchTerm
from meishi.sdk.contract import Operator

Value = str | datetime | int | UUID


class Amount(Enum):
    """How many contacts fulfil a condition, among all that are listed.

    A few are found first, and sorted. With some in mind, or with a look at each contact whether it
    is one of many, all are gone through in their order until a page is full.
    """

    FEW = "few"
    SOME = "some"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column of contacts, of their emails or of their phones, compared with a value."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class AnyPart:
    """One email, or one phone, fulfils all comparisons of at least one of some groups.

    With `absent` none does; without groups there is any at all. One that is `common` may be had by
    any number of contacts, also where values are equal: so many live in a town.
    """

    table: str
    groups: tuple[tuple[Comparison, ...], ...]
    amount: Amount | None = None
    common: bool = False
    absent: bool = False

    @property
    def few(self) -> bool:
        """Whether contacts with such a part are few: then they are found first, and sorted."""
        return self.amount is Amount.FEW

    @property
    def is_range(self) -> bool:
        """Whether there may be many values that are looked for, and so any number of contacts."""
        return any(item.operator is not Operator.EQ for group in self.groups for item in group)

    @property
    def is_equal(self) -> bool:
        """Whether there is one value that any number may have."""
        return self.common and not self.absent and len(self.groups) == 1 and not self.is_range

    @property
    def is_prefix(self) -> bool:
        """Whether a range has both of its ends."""
        return any(
            {Operator.GTE, Operator.LT} <= {item.operator for item in group}
            for group in self.groups
        )


@dataclass(frozen=True, slots=True)
class Membership:
    """A contact has a row in `table` whose `column` is one of some ids; none with `absent`.

    How many contacts have such a row may be known.
    """

    table: str
    column: str
    ids: tuple[UUID, ...]
    absent: bool = False
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Consented:
    """What counts of what contacts have said to a channel is `state`, or nothing is recorded."""

    channel: str
    state: str
    or_nothing: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """A contact is a member's, or nobody's."""

    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Named:
    """A contact is one of some that are named by their ids."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A column of contacts is one of some numbers: those that say what is there, or missing."""

    column: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A contact is kept from others, or is not."""

    private: bool


@dataclass(frozen=True, slots=True)
class OfContact:
    """A contact itself fulfils all of some; its columns are named without their table.

    How many do may be known: a few, or many.
    """

    parts: tuple[Comparison | Filled | Seen, ...]
    amount: Amount | None = None


#: What narrows a list.
Restriction = Named | Comparison | AnyPart | Membership | Consented | Owned | OfContact


@dataclass(frozen=True, slots=True)
class ByField:
    """Contacts with a value of a custom field, called `o`; or, with `absent`, those without."""

    field_id: UUID
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A column by which a list is sorted, and which way."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of contacts; `orders` end with the id, `after` has a value for each of them."""

    conditions: Sequence[Restriction] = ()
    terms: Sequence[SearchTerm] | None = None
    orders: Sequence[Order]
    after: Sequence[Value] | None = None
    deleted: bool = False
    by_field: ByField | None = None

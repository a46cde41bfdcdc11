"""What is asked of many contacts: lists, filters, sorts and searches, each about somebody else."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.benchmarks._many_contacts import Book
from tests.benchmarks._organised import SEGMENTS, consent_of, is_deleted, list_of
from tests.benchmarks._people import CODE, GRADE, MEMBER, ROLES, SCORE, SINCE, SITE, person

from crm_contacts.contract import ContactDraft
from crm_contacts.service.queries import NOBODY
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey

#: A page as the web API gives it out unless it is asked for another.
_LIMIT = 50
EQ, PREFIX, GTE, LT = Operator.EQ, Operator.PREFIX, Operator.GTE, Operator.LT


@dataclass(frozen=True, slots=True)
class Asked:
    """A person of a workspace, about whom is asked."""

    book: Book
    number: int
    draft: ContactDraft

    @property
    def at(self) -> str:
        """When the contact was created."""
        return self.book.written_at(self.number).isoformat()

    @property
    def owner(self) -> str:
        """Whose contact it is."""
        return str(self.book.owner(self.number) or NOBODY)

    @property
    def email(self) -> str:
        """An address that nobody else has."""
        return self.draft.emails[0].address

    @property
    def local(self) -> str:
        """A part of a phone number, as it is said within the country."""
        return "0" + self.draft.phones[0].number.removeprefix("+46 ")


def somebody(book: Book, chance: random.Random) -> Asked:
    """Return a person who has a company, a title, an address, tags and custom values, as few have.

    Those have a list and a UID, too.
    """
    while True:
        number = chance.choice(book.numbers)
        draft = person(number)
        said = (draft.name.family, draft.organisation, draft.title, draft.tags, draft.custom)
        if all(said) and draft.addresses and not is_deleted(number):
            return Asked(book, number, draft)


Question = Callable[[Asked], ListQuery]


def _where(field: str, operator: Operator, value: Callable[[Asked], str], *sort: str) -> Question:
    return lambda asked: ListQuery(
        conditions=(Condition(field=field, operator=operator, value=value(asked)),),
        sort=_keys(*sort),
        limit=_LIMIT,
    )


def _sorted(*sort: str) -> Question:
    return lambda _: ListQuery(sort=_keys(*sort), limit=_LIMIT)


def _keys(*sort: str) -> tuple[SortKey, ...]:
    return tuple(SortKey(field=text.lstrip("-"), descending=text[0] == "-") for text in sort)


def _search(text: Callable[[Asked], str]) -> Question:
    return lambda asked: ListQuery(text=text(asked), limit=_LIMIT)


def _both(asked: Asked) -> ListQuery:
    """Return who has a family name and works somewhere."""
    names = {"family_name": asked.draft.name.family, "organisation": asked.draft.organisation}
    return ListQuery(
        conditions=tuple(
            Condition(field=name, operator=EQ, value=text or "") for name, text in names.items()
        ),
        limit=_LIMIT,
    )


def _given(asked: Asked) -> str:
    return asked.draft.name.given or ""


def _family(asked: Asked) -> str:
    return asked.draft.name.family or ""


def _firm(asked: Asked) -> str:
    return asked.draft.organisation or ""


def _title(asked: Asked) -> str:
    return asked.draft.title or ""


def _custom(key: str) -> Callable[[Asked], str]:
    return lambda asked: str(dict(asked.draft.custom)[key])


def _member(asked: Asked) -> str:
    return "true" if dict(asked.draft.custom)[MEMBER] else "false"


def _tag(asked: Asked) -> str:
    return asked.draft.tags[0]


def _list(asked: Asked) -> str:
    return list_of(asked.number, asked.draft) or ""


def _address(part: str) -> Callable[[Asked], str]:
    return lambda asked: getattr(asked.draft.addresses[0], part) or ""


def _place(asked: Asked) -> ListQuery:
    """Return who lives in a town, in a street that begins with something."""
    found = {"locality": (EQ, _address("locality")(asked)), "country": (EQ, "Sweden")}
    found["street"] = (PREFIX, _address("street")(asked)[:4])
    return ListQuery(
        conditions=tuple(
            Condition(field=name, operator=operator, value=text)
            for name, (operator, text) in found.items()
        ),
        limit=_LIMIT,
    )


def _missing(field: str, *sort: str, missing: bool = True) -> Question:
    return _where(field, Operator.EMPTY, lambda _: "true" if missing else "false", *sort)


def _birthday(asked: Asked) -> str:
    """Return a day that some have for their birthday, another one for each who is asked about."""
    return f"{1940 + asked.number % 65}-{1 + asked.number % 12:02}-07"


def _segment(name: str) -> Question:
    return _where("segment", EQ, lambda _: name)


def _slip(word: str, place: int) -> str:
    """Return a word in which two letters are exchanged."""
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


#: Lists with filters and sorts, by name.
LISTS: Mapping[str, Question] = {
    "first page": _sorted(),
    "sort name": _sorted("name"),
    "sort -name": _sorted("-name"),
    "sort organisation,-created_at": _sorted("organisation", "-created_at"),
    "sort -created_at": _sorted("-created_at"),
    "sort updated_at": _sorted("updated_at"),
    "sort custom": _sorted(f"custom.{SCORE}"),
    "sort -custom": _sorted(f"-custom.{SINCE}"),
    "name": _where("name", EQ, lambda asked: asked.draft.name.full),
    "name prefix": _where("name", PREFIX, lambda asked: asked.draft.name.full[:5]),
    "given_name": _where("given_name", EQ, _given),
    "given_name prefix": _where("given_name", PREFIX, lambda asked: _given(asked)[:3]),
    "family_name": _where("family_name", EQ, _family),
    "family_name prefix": _where("family_name", PREFIX, lambda asked: _family(asked)[:4]),
    "organisation": _where("organisation", EQ, _firm),
    "organisation prefix": _where("organisation", PREFIX, lambda asked: _firm(asked)[:6]),
    "title": _where("title", EQ, _title),
    "title prefix": _where("title", PREFIX, lambda asked: _title(asked)[:6]),
    "email": _where("email", EQ, lambda asked: asked.email),
    "email prefix": _where("email", PREFIX, lambda asked: asked.email[:7]),
    "phone": _where("phone", EQ, lambda asked: asked.draft.phones[0].number),
    "phone prefix": _where("phone", PREFIX, lambda asked: asked.draft.phones[0].number[:9]),
    "tag": _where("tag", Operator.IN, _tag),
    "tag all": _where("tag", Operator.ALL, lambda asked: ",".join(asked.draft.tags)),
    "tag none": _where("tag", Operator.NONE, _tag),
    "custom text": _where(f"custom.{CODE}", EQ, _custom(CODE)),
    "custom text prefix": _where(f"custom.{CODE}", PREFIX, lambda a: _custom(CODE)(a)[:4]),
    "custom number": _where(f"custom.{SCORE}", GTE, _custom(SCORE)),
    "custom date": _where(f"custom.{SINCE}", LT, _custom(SINCE)),
    "custom boolean": _where(f"custom.{MEMBER}", EQ, _member),
    "custom choice": _where(f"custom.{GRADE}", EQ, _custom(GRADE)),
    "custom url": _where(f"custom.{SITE}", EQ, _custom(SITE)),
    "uid": _where("uid", EQ, lambda asked: asked.draft.uid or ""),
    "list": _where("list", Operator.IN, _list),
    "list none": _where("list", Operator.NONE, _list),
    "list sort name": _where("list", Operator.IN, _list, "name"),
    **{f"segment of {name}": _segment(name) for name in SEGMENTS},
    "owner": _where("owner", EQ, lambda asked: asked.owner),
    "owner sort name": _where("owner", EQ, lambda asked: asked.owner, "name"),
    "consent_email": _where("consent_email", EQ, lambda a: consent_of(a.number).value),
    "consent_phone": _where("consent_phone", EQ, lambda _: "unknown"),
    "street prefix": _where("street", PREFIX, lambda a: _address("street")(a)[:6]),
    "locality": _where("locality", EQ, _address("locality")),
    "locality prefix": _where("locality", PREFIX, lambda a: _address("locality")(a)[:4]),
    "locality sort name": _where("locality", EQ, _address("locality"), "name"),
    "locality sort -created_at": _where("locality", EQ, _address("locality"), "-created_at"),
    "postal_code": _where("postal_code", EQ, _address("postal_code")),
    "postal_code prefix": _where("postal_code", PREFIX, lambda a: _address("postal_code")(a)[:3]),
    "country": _where("country", EQ, lambda _: "Sweden"),
    "country sort name": _where("country", EQ, lambda _: "Sweden", "name"),
    "one address": _place,
    "link prefix": _where("link", PREFIX, lambda a: a.email.partition("@")[2]),
    "role": _where("role", EQ, lambda a: ROLES[a.number % len(ROLES)]),
    "role sort name": _where("role", EQ, lambda a: ROLES[a.number % len(ROLES)], "name"),
    "past_organisation": _where("past_organisation", EQ, _firm),
    "past_title prefix": _where("past_title", PREFIX, lambda a: _title(a)[:6]),
    "birthday": _where("birthday", EQ, _birthday),
    "birthday in any year": _where("birthday", EQ, lambda a: f"-{_birthday(a)[4:]}"),
    "birthday in a month": _where("birthday", PREFIX, lambda a: f"-{_birthday(a)[4:7]}"),
    "birthday until": _where("birthday", Operator.LTE, _birthday),
    "birthday missing": _missing("birthday"),
    "note missing sort name": _missing("note", "name"),
    "title missing sort -created_at": _missing("title", "-created_at"),
    "address missing": _missing("address"),
    "email missing": _missing("email"),
    "role there": _missing("role", missing=False),
    "custom missing": _missing(f"custom.{CODE}"),
    "photo there": _missing("photo", missing=False),
    "private": _where("visibility", EQ, lambda _: "private"),
    "deleted": _where("deleted", EQ, lambda _: "true"),
    "created_at": _where("created_at", GTE, lambda asked: asked.at),
    "updated_at": _where("updated_at", LT, lambda asked: asked.at),
    "kind individual": _where("kind", EQ, lambda _: "individual"),
    "kind org": _where("kind", EQ, lambda _: "org"),
    "kind group": _where("kind", EQ, lambda _: "group"),
    "family_name sort -created_at": _where("family_name", EQ, _family, "-created_at"),
    "given_name sort name": _where("given_name", EQ, _given, "name"),
    "title sort -updated_at": _where("title", EQ, _title, "-updated_at"),
    "tag sort name": _where("tag", Operator.IN, _tag, "name"),
    "created_at sort name": _where("created_at", GTE, lambda asked: asked.at, "name"),
    "family_name and organisation": _both,
}

#: Lists with filters that the people who are asked about do not fulfil.
OF_OTHERS = {
    "tag none", "list none", "custom date", "deleted", "updated_at", "kind org", "kind group",
    "title missing sort -created_at", "address missing", "email missing", "custom missing",
    "photo there", "private",
}  # fmt: skip
#: Lists on which the person may be or not.
OF_SOME = {f"segment of {name}" for name in SEGMENTS} | {
    "link prefix", "role", "role sort name", "role there", "past_organisation",
    "past_title prefix", "birthday", "birthday in any year", "birthday in a month",
    "birthday until", "birthday missing", "note missing sort name",
}  # fmt: skip

#: Searches, by name.
SEARCHES: Mapping[str, Question] = {
    "full name": _search(lambda asked: asked.draft.name.full),
    "given name": _search(_given),
    "family name": _search(_family),
    "organisation": _search(_firm),
    "email": _search(lambda asked: asked.email),
    "phone": _search(lambda asked: asked.local),
    "prefix of 2": _search(lambda asked: _family(asked)[:2]),
    "prefix of 3": _search(lambda asked: _family(asked)[:3]),
    "prefix of 5": _search(lambda asked: _family(asked)[:5]),
    "two prefixes": _search(lambda asked: f"{_given(asked)[:4]} {_family(asked)[:5]}"),
    "substring of 4": _search(lambda asked: _family(asked)[2:6]),
    "substring of 6": _search(lambda asked: _family(asked)[2:8]),
    "typo": _search(lambda asked: _slip(_family(asked), 3)),
    "typo in both": _search(lambda a: f"{_slip(_given(a), 2)} {_slip(_family(a), 4)}"),
    "name and organisation": _search(lambda a: f"{_family(a)} {_firm(a)}"),
    "nobody": _search(lambda asked: f"zzyzx{asked.number}"),
}
#: Searches after which the person must be on the first page, as nobody fits better.
FINDING = ("email", "phone")


def narrowed(wanted: ListQuery, asked: Asked) -> ListQuery:
    """Return a list or search of which nobody is left who has another address than somebody."""
    alone = Condition(field="email", operator=EQ, value=asked.email)
    return replace(wanted, conditions=(*wanted.conditions, alone))

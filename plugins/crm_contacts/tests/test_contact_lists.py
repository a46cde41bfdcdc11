"""Lists of contacts over HTTP: filters, sorts and pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from crm_contacts.contract import ContactDocuments, InvalidContactQuery
from crm_contacts.normal_forms import folded
from crm_contacts.service import ContactDocumentService
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import CONTACTS, ContactsClient

SORTS = ("name", "organisation", "created_at", "updated_at")

Document = dict[str, Any]


def contact(full: str, **fields: Any) -> Document:
    """Return a contact to be created."""
    return {"name": {"full": full}, **fields}


PEOPLE = [
    contact("Ärla Ek", organisation="Åhléns", title="Chef", emails=[{"address": "A.Ek@x.SE"}]),
    contact("Bo Ek", organisation="ahlens", phones=[{"number": "+46 70 123 45 67"}], uid="bo"),
    contact(
        "名刺", kind="org", title="\uff23\uff28\uff25\uff26", emails=[{"address": "info@x.se"}]
    ),
    {"name": {"full": "Cy", "given": "Céline", "family": "Østby-Łoś"}, "organisation": "Zoo"},
]

FOUND: list[tuple[str, str, list[str]]] = [
    ("name][eq", "ARLA  EK", ["Ärla Ek"]),
    ("name][prefix", "ärl", ["Ärla Ek"]),
    ("name][prefix", "", ["Ärla Ek", "Bo Ek", "Cy", "名刺"]),
    ("name][prefix", "名", ["名刺"]),
    ("name][eq", "Bo", []),
    ("given_name][eq", "CELINE", ["Cy"]),
    ("given_name][eq", "", ["Ärla Ek", "Bo Ek", "名刺"]),
    ("family_name][prefix", "øst", ["Cy"]),
    ("organisation][eq", "Ahléns", ["Ärla Ek", "Bo Ek"]),
    ("organisation][prefix", "Å", ["Ärla Ek", "Bo Ek"]),
    ("title][eq", "chef", ["Ärla Ek", "名刺"]),
    ("kind][eq", "org", ["名刺"]),
    ("uid][eq", "bo", ["Bo Ek"]),
    ("uid][eq", "Bo", []),
    ("email][eq", "a.EK@X.se", ["Ärla Ek"]),
    ("email][prefix", "Info@", ["名刺"]),
    ("phone][eq", "+46701234567", ["Bo Ek"]),
    ("phone][eq", "+46 (70) 123-45 67", ["Bo Ek"]),
    ("phone][prefix", "+46 70", ["Bo Ek"]),
    ("phone][prefix", "0046 70", ["Bo Ek"]),
    ("deleted][eq", "false", ["Ärla Ek", "Bo Ek", "名刺", "Cy"]),
    ("deleted][eq", "true", []),
    ("created_at][gt", "2000-01-01T00:00:00Z", ["Ärla Ek", "Bo Ek", "名刺", "Cy"]),
    ("created_at][lt", "2000-01-01T00:00:00+09:00", []),
    ("updated_at][lte", "9999-12-31T23:59:59Z", ["Ärla Ek", "Bo Ek", "名刺", "Cy"]),
    ("name][prefix", "100%", []),
    ("name][prefix", "\\_'", []),
]


def test_filters_find_what_means_the_same(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """Case, accents, width and the spelling of numbers make no difference."""
    for document in PEOPLE:
        contacts.create(document)
    for parameter, value, names in FOUND:
        with subtests.test(parameter=parameter, value=value):
            page = contacts.page(**{f"filter[{parameter}]": value, "total": True})
            assert [item["name"]["full"] for item in page["items"]] == names
            assert page["total"] == len(names)


def test_all_conditions_must_hold(contacts: ContactsClient) -> None:
    """Several filters narrow the list together."""
    for document in PEOPLE:
        contacts.create(document)
    both = {"filter[organisation][eq]": "ahlens", "filter[name][prefix]": "b"}
    assert [item["name"]["full"] for item in contacts.page(**both)["items"]] == ["Bo Ek"]
    none = both | {"filter[phone][eq]": "+46701234568"}
    assert contacts.page(**none, total=True) == {"items": [], "next_after": None, "total": 0}


SWEDISH = [
    (Operator.EQ, "070-123 45 67"),
    (Operator.EQ, "+46 (70) 123-45 67"),
    (Operator.PREFIX, "070-12"),
    (Operator.PREFIX, "0046 70"),
]


@pytest.mark.inside
def test_numbers_are_read_as_in_the_region_of_the_workspace(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, subtests: pytest.Subtests
) -> None:
    """With a default region, a number without country code finds the same number with it."""
    contacts.create(PEOPLE[1])
    contacts.set_region("SE")
    for operator, written in SWEDISH:
        asked = ListQuery(conditions=(Condition(field="phone", operator=operator, value=written),))
        with subtests.test(written=written), workspace.acting_as("crm_contacts"):
            assert len(document_service().list(asked).items) == 1


def document_service() -> ContactDocumentService:
    """Return the service itself, which works in the unit of work of its caller."""
    return ContactDocumentService(
        PluginContext(
            plugin="crm_contacts",
            settings={},
            clock=lambda: datetime.now(UTC),
            new_id=uuid7,
            public_url="https://cards.example",
        )
    )


WRONG = [
    ("filter[name][lt]=a", "/query/filter[name][lt]", "unknown-field"),
    ("filter[note][eq]=a", "/query/filter[note][eq]", "unknown-field"),
    ("filter[kind][eq]=alien", "/query/filter[kind][eq]", "invalid"),
    ("filter[created_at][gt]=yesterday", "/query/filter[created_at][gt]", "invalid"),
    ("filter[created_at][gt]=2026-01-01T00:00:00", "/query/filter[created_at][gt]", "invalid"),
    ("filter[deleted][eq]=1", "/query/filter[deleted][eq]", "invalid"),
    ("sort=shoe_size", "/query/sort", "invalid"),
    ("sort=name,-name", "/query/sort", "invalid"),
    ("q=", "/query/q", "invalid"),
]


def test_question_that_makes_no_sense_is_refused(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """Unknown filters, values of another type and unknown sorts are 400 and named."""
    for query, pointer, code in WRONG:
        with subtests.test(query=query):
            answer = contacts.client.get(f"{CONTACTS}?{query}", headers=contacts.headers)
            assert answer.status_code == 400
            assert answer.json is not None
            assert [(item["pointer"], item["code"]) for item in answer.json["errors"]] == [
                (pointer, code)
            ]


NO_TEXT = [
    {"filter[name][eq]": "\0"},
    {"filter[email][prefix]": "a\0"},
    {"filter[uid][eq]": "\0"},
    {"filter[phone][eq]": "1\0"},
    {"q": "\0"},
    {"after": "\0"},
]


def test_no_value_is_a_fault_of_ours(contacts: ContactsClient, subtests: pytest.Subtests) -> None:
    """Whatever a caller writes there, the answer is 400."""
    contacts.create(contact("Ada"))
    for query in NO_TEXT:
        with subtests.test(query=str(query)):
            answer = contacts.client.get(CONTACTS, query_string=query, headers=contacts.headers)
            assert answer.status_code == 400, answer.text


ID = str(UUID(int=7))
MISPLACED = [
    ListQuery(after=("no id",)),
    ListQuery(after=()),
    ListQuery(after=("a", ID)),
    ListQuery(after=(ID,), sort=(SortKey(field="name"),)),
    ListQuery(after=("\0", ID), sort=(SortKey(field="name"),)),
    ListQuery(after=("today", ID), sort=(SortKey(field="created_at", descending=True),)),
    ListQuery(after=("2026-01-01", ID), sort=(SortKey(field="created_at", descending=True),)),
    ListQuery(after=("-1", ID), text="a"),
    ListQuery(after=("9" * 30, ID), text="a"),
    ListQuery(after=("٣x", ID), text="a"),
]


def test_contract_refuses_what_no_route_lets_through(workspace: WorkspaceUnderTest) -> None:
    """Others may call the contract: fields, operators, sorts and places are checked there, too."""
    wrong: list[ListQuery] = [
        *MISPLACED,
        ListQuery(sort=(SortKey(field="note"),)),
        *(
            ListQuery(conditions=(Condition(field=field, operator=operator, value=value),))
            for field, operator, value in (
                ("note", Operator.EQ, "a"),
                ("name", Operator.LT, "a"),
                ("kind", Operator.PREFIX, "org"),
                ("kind", Operator.EQ, "alien"),
                ("deleted", Operator.EQ, "perhaps"),
                ("deleted", Operator.GT, "true"),
                ("created_at", Operator.EQ, "2026-01-01T00:00:00Z"),
                ("created_at", Operator.GT, "2026-01-01"),
            )
        ),
    ]
    for asked in wrong:
        with (
            pytest.raises(InvalidContactQuery),
            workspace.acting_as("crm_contacts"),
        ):
            service(ContactDocuments).list(asked)
    half = Condition(field="name", operator=Operator.EQ, value="\ud800")
    with pytest.raises(InvalidContactQuery), workspace.acting_as("crm_contacts"):
        document_service().list(ListQuery(conditions=(half,)))


def pages(contacts: ContactsClient, query: dict[str, Any]) -> Iterator[list[Document]]:
    """Yield the items of each page, by following the cursors."""
    page = contacts.page(**query)
    yield page["items"]
    while page["next_after"]:
        page = contacts.page(**query, after=page["next_after"])
        yield page["items"]


def test_pages_stay_in_order_while_contacts_come_in(contacts: ContactsClient) -> None:
    """What comes in before the place is not seen, what comes in behind it is, nothing twice."""
    for name in ("b", "d", "f"):
        contacts.create(contact(name))
    first = contacts.page(sort="name", limit=2)
    for name in ("a", "c", "e", "g"):
        contacts.create(contact(name))
    rest = contacts.page(sort="name", after=first["next_after"])
    assert [item["name"]["full"] for item in rest["items"]] == ["e", "f", "g"]


def test_who_is_found_by_a_part_is_sorted_by_two_fields(contacts: ContactsClient) -> None:
    """What is found first, as who has an email that begins so, is sorted like everybody."""
    for name, organisation in ("cx", "bx", "ay"):
        email = {"address": f"m{name}@x.example"}
        contacts.create(contact(name, organisation=organisation, emails=[email]))
    contacts.create(contact("0", organisation="0"))
    query = {"filter[email][prefix]": "m", "sort": "-organisation,name", "limit": 1}
    found = [item["name"]["full"] for page in pages(contacts, query) for item in page]
    assert found == ["a", "b", "c"]


def test_page_has_at_least_one_item_and_at_most_two_hundred(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Whatever limit a caller of the contract names, there is a page of contacts."""
    for name in "ab":
        contacts.create(contact(name))
    for limit, size in ((-1, 1), (0, 1), (1, 1), (10_000, 2)):
        with workspace.acting_as("crm_contacts"):
            assert len(service(ContactDocuments).list(ListQuery(limit=limit)).items) == size


TEXTS = st.text("aAbÅ ́z%_\\ﬀ名😀\ud7ff\ue000\U0010ffff", max_size=3)
OPTIONAL = st.none() | TEXTS
CONTACTS_DRAWN = st.lists(
    st.builds(
        lambda full, organisation, title, kind, email: contact(
            f"n{full}",
            organisation=organisation,
            title=title,
            kind=kind,
            emails=[{"address": f"a{address}"} for address in email],
        ),
        TEXTS,
        OPTIONAL,
        OPTIONAL,
        st.sampled_from(["individual", "org"]),
        st.lists(TEXTS, max_size=2),
    ),
    max_size=9,
)
DELETED = st.sets(st.integers(0, 8), max_size=3)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "filter[name][prefix]": TEXTS.map("n{}".format),
        "filter[organisation][eq]": TEXTS,
        "filter[organisation][prefix]": TEXTS,
        "filter[title][prefix]": TEXTS,
        "filter[email][prefix]": TEXTS.map("a{}".format),
        "filter[kind][eq]": st.sampled_from(["individual", "org"]),
        "filter[deleted][eq]": st.booleans(),
    },
)
SORTED = st.lists(
    st.tuples(st.sampled_from(SORTS), st.booleans()), max_size=3, unique_by=lambda item: item[0]
)

MODEL: dict[str, Callable[[Document], str]] = {
    "name": lambda item: folded(item["name"]["full"]),
    "organisation": lambda item: folded(item["organisation"]),
    "title": lambda item: folded(item["title"]),
    "kind": lambda item: item["kind"],
    "created_at": lambda item: item["created_at"],
    "updated_at": lambda item: item["updated_at"],
}


def holds(item: Document, parameter: str, value: Any) -> bool:
    """Whether a filter lets a document through, in the most naive way."""
    field, operator = parameter.removeprefix("filter[").removesuffix("]").split("][")
    if field == "deleted":
        return True
    if field == "email":
        form = " ".join(unicodedata.normalize("NFC", value).lower().split())
        return any(found["normalised"].startswith(form) for found in item["emails"])
    known = MODEL[field](item)
    form = value if field == "kind" else folded(value)
    return known == form if operator == "eq" else known.startswith(form)


def modelled(
    documents: list[Document], filters: dict[str, Any], sort: list[tuple[str, bool]]
) -> list[str]:
    """Return the ids of what a list shows, in its order."""
    kept = [
        item
        for item in documents
        if (item["deleted_at"] is not None) == filters.get("filter[deleted][eq]", False)
        and all(holds(item, parameter, value) for parameter, value in filters.items())
    ]
    if not sort:
        ranges = [name for name in SORTS if f"filter[{name}][prefix]" in filters]
        sort = [(name, False) for name in ranges[:1]]
    # Sorting in reverse keeps equal ones in the order that they have.
    kept.sort(key=lambda item: item["id"], reverse=bool(sort and sort[-1][1]))
    for field, descending in reversed(sort):
        kept.sort(key=MODEL[field], reverse=descending)
    return [item["id"] for item in kept]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(CONTACTS_DRAWN, DELETED, FILTERS, SORTED, st.integers(1, 4))
def test_pages_show_what_a_naive_model_shows(
    contacts: ContactsClient,
    drawn: list[Document],
    deleted: set[int],
    filters: dict[str, Any],
    sort: list[tuple[str, bool]],
    limit: int,
) -> None:
    """For any contacts, filters, sorts and page size, all pages together are the model's list."""
    for place, document in enumerate(drawn):
        created = contacts.create(document)
        if place in deleted:
            headers = contacts.headers | {"If-Match": "*"}
            contacts.client.delete(f"{CONTACTS}/{created['id']}", headers=headers)
    everything = contacts.all() + [
        item for page in pages(contacts, {"filter[deleted][eq]": True}) for item in page
    ]
    query = dict(filters)
    if sort:
        query["sort"] = ",".join(f"-{name}" if down else name for name, down in sort)
    shown = list(pages(contacts, query | {"limit": limit}))
    assert all(len(page) == limit for page in shown[:-1])
    found = [item["id"] for page in shown for item in page]
    assert found == modelled(everything, filters, sort)
    assert contacts.page(**query, total=True, limit=1)["total"] == len(found)


TIED = [
    ("name", "organisation"),
    ("name", "created_at"),
    ("name", "organisation", "updated_at"),
]


def test_pages_end_and_begin_among_contacts_that_tie(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """Whichever way each of two or three keys goes, ties at a page's end hide no contact."""
    for name, organisation in product("bab", "yxy"):
        contacts.create(contact(name, organisation=organisation))
    everything = contacts.all()
    for fields in TIED:
        for ways in product((False, True), repeat=len(fields)):
            sort = list(zip(fields, ways, strict=True))
            written = ",".join(f"-{name}" if down else name for name, down in sort)
            for limit in (1, 2):
                with subtests.test(sort=written, limit=limit):
                    shown = pages(contacts, {"sort": written, "limit": limit})
                    found = [item["id"] for page in shown for item in page]
                    assert found == modelled(everything, {}, sort)

"""Custom fields of every type and values of them, for tests of every format."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st

from crm_contacts.contract import CustomField, CustomFieldType
from crm_contacts.custom_values import checked


def _field(key: str, kind: CustomFieldType) -> CustomField:
    choices = ("Gold", "Silver") if kind is CustomFieldType.CHOICE else ()
    return CustomField(
        id=UUID(int=1), key=key, title=key, type=kind, choices=choices, version=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


FIELDS = {kind.value: _field(kind.value, kind) for kind in CustomFieldType}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=50)
CUSTOM_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS.map(str.strip).filter(bool),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
        "date": st.dates().map(str),
        "boolean": st.booleans(),
        "choice": st.sampled_from(["Gold", "Silver"]),
        "url": st.sampled_from(["https://example.org/a,b;c", "http://x.example/%20"]),
    },
).map(lambda found: tuple((key, checked(FIELDS[key], found[key])) for key in sorted(found)))

"""Encoding: what goes in comes out, for every method of a real contract."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.contract import Contact, ContactDraft, ContactNotFound, Contacts
from meishi.calls.codec import CallCodec
from meishi.calls.rules import contract_methods
from meishi.sdk.contract import FieldError

METHODS = contract_methods(Contacts)

# JSON has no other numbers, and a contact holds no others.
FINITE = st.floats(allow_nan=False, allow_infinity=False)

st.register_type_strategy(str, st.text(max_size=8))
st.register_type_strategy(float, FINITE)

drafts = st.from_type(ContactDraft)
moments = st.datetimes(timezones=st.just(UTC))
contacts = st.builds(Contact, created_at=moments, updated_at=moments, version=st.integers(0, 2**31))


@settings(max_examples=50, deadline=None)
@given(draft=drafts)
def test_arguments_come_back_equal(draft: ContactDraft) -> None:
    """A draft is the same on the other side, given by position or by name."""
    codec = CallCodec(METHODS["create"])
    for document in (
        codec.encode_arguments((draft,), {}),
        codec.encode_arguments((), {"draft": draft}),
    ):
        assert codec.decode_arguments(document) == {"draft": draft}


@settings(max_examples=50, deadline=None)
@given(contact=contacts)
def test_results_come_back_equal(contact: Contact) -> None:
    """A contact is the same on the other side."""
    codec = CallCodec(METHODS["get"])
    assert codec.decode_result(codec.encode_result(contact)) == contact


def test_arguments_that_are_left_out_stay_out() -> None:
    """The owner's defaults decide, also when the caller's release has others."""
    codec = CallCodec(METHODS["list"])
    assert codec.decode_arguments(codec.encode_arguments((), {"limit": 5})) == {"limit": 5}


def test_errors_come_back_as_their_class() -> None:
    """Detail and field errors travel with the code."""
    codec = CallCodec(METHODS["get"])
    error = ContactNotFound("gone", errors=[FieldError("/id", "gone", "is gone")])
    found = codec.decode_error(codec.encode_error(error))
    assert type(found) is ContactNotFound
    assert (found.detail, found.errors) == (error.detail, error.errors)

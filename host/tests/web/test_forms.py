from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from meishi.web.forms import Form


class Colour(Enum):
    """A choice by names."""

    RED = 1
    DARK_BLUE = 2


class CardSchema(Schema):
    """One field of each kind."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"title": "Name", "description": "As printed.", "autocomplete": "name"},
    )
    note = fields.String(allow_none=True, metadata={"widget": "textarea"})
    secret = fields.String(metadata={"widget": "password"})
    email = fields.Email()
    copies = fields.Integer(strict=True, validate=validate.Range(1, 9))
    weight = fields.Float()
    public = fields.Boolean()
    colour = fields.Enum(Colour)
    size = fields.String(validate=validate.OneOf(["a7", "a8"], labels=["Large"]))
    sides = fields.List(fields.String(validate=validate.OneOf(["front", "back"])))
    day = fields.Date(validate=validate.Range(min=date(2000, 1, 1)))
    moment = fields.NaiveDateTime()


def _sent(form: Form) -> MultiDict[str, str]:
    """Return what a browser sends of a form that nobody touched."""
    sent: MultiDict[str, str] = MultiDict([("csrf_token", "x")])
    for field in form.fields:
        chosen = field.kind in ("checkbox", "checkboxes")
        sent.setlist(field.name, list(field.values if chosen else field.values or ("",)))
    return sent


def _page(form: Form) -> str:
    folder = str(files("meishi.web") / "templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations()  # type: ignore[attr-defined]
    source = '{% import "shell/forms.html" as f with context %}{{ f.form_fields(form) }}'
    return environment.from_string(source).render(form=form)


_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(
    st.fixed_dictionaries(
        {
            "name": _TEXT,
            "note": st.none() | _TEXT,
            "public": st.booleans(),
            "sides": st.lists(st.sampled_from(["front", "back"]), unique=True),
        },
        optional={
            "copies": st.integers(1, 9),
            "weight": st.floats(allow_nan=False, allow_infinity=False),
            "colour": st.sampled_from(Colour),
            "size": st.sampled_from(["a7", "a8"]),
            "day": st.dates(date(2000, 1, 1)),
            "moment": st.datetimes(min_value=datetime(1970, 1, 1)),  # noqa: DTZ001 (a local time)
        },
    )
)
def test_a_form_that_nobody_touched_gives_back_its_values(values: dict[str, Any]) -> None:
    """What a form shows is what it was given, whatever the values are."""
    answer = Form(CardSchema(), values).load(_sent(Form(CardSchema(), values)))
    assert answer.values == values


def test_kinds_and_limits_come_from_the_schema() -> None:
    """Each field's control, and what the browser checks by itself, follow from the schema."""
    shown = {field.name: field for field in Form(CardSchema()).fields}
    assert {name: field.kind for name, field in shown.items()} == {
        "name": "text",
        "note": "textarea",
        "secret": "password",
        "email": "email",
        "copies": "number",
        "weight": "number",
        "public": "checkbox",
        "colour": "select",
        "size": "select",
        "sides": "checkboxes",
        "day": "date",
        "moment": "datetime-local",
    }
    assert shown["name"].attributes == {"autocomplete": "name", "maxlength": "40"}
    assert shown["copies"].attributes == {"min": "1", "max": "9"}
    assert shown["day"].attributes == {"min": "2000-01-01"}
    assert [choice.title for choice in shown["size"].choices] == ["Large", "a8"]


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([("name", "")], "name"),
        ([("name", "Ada"), ("copies", "many")], "copies"),
        ([("name", "Ada"), ("copies", "10")], "copies"),
        ([("name", "Ada"), ("note", "a"), ("note", "b")], "note"),
        ([("name", "Ada"), ("sides", "top")], "sides"),
    ],
)
def test_a_fault_stands_at_its_field(pairs: list[tuple[str, str]], named: str) -> None:
    """A form that cannot be read has no values, and names the field at fault."""
    answer = Form(CardSchema()).load(MultiDict(pairs))
    assert answer.values is None
    assert [field.name for field in answer.form.fields if field.errors] == [named]


def test_unknown_names_are_refused() -> None:
    """Nobody slips in what the form does not ask for; the guard's own field is no such thing."""
    answer = Form(CardSchema()).load(
        MultiDict([("name", "Ada"), ("csrf_token", "x"), ("role", "o")])
    )
    assert answer.values is None
    assert answer.form.errors == ("role: Unknown field.",)


def test_a_refused_form_keeps_what_was_typed_but_no_password() -> None:
    """Nobody types a form twice because of one fault, and no password comes back in a page."""
    sent = MultiDict([("name", '<b>"Ada"'), ("copies", "many"), ("secret", "hunter2")])
    page = _page(Form(CardSchema()).load(sent).form)
    assert 'value="&lt;b&gt;&#34;Ada&#34;"' in page
    assert 'value="many"' in page
    assert "hunter2" not in page


def test_controls_are_tied_to_their_labels_and_notes() -> None:
    """Whoever listens to the page hears each control's label, help and fault."""
    page = _page(Form(CardSchema(), errors={"name": ["Too long."]}))
    assert '<label class="form-label required" for="f-name">Name</label>' in page
    assert 'aria-invalid="true" aria-describedby="f-name-help f-name-error"' in page
    assert '<div class="form-hint" id="f-name-help">As printed.</div>' in page
    assert 'id="f-name-error">Too long.</div>' in page
    assert '<a href="#f-name">Name</a>: Too long.' in page
    assert "style=" not in page

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from meishi.sdk.http import TruthField


class SwitchSchema(Schema):
    """Something that is on or off."""

    on = TruthField()


@pytest.mark.parametrize("value", [True, False])
def test_truth_is_true_or_false(value: bool) -> None:
    """Both values of JSON are taken."""
    assert SwitchSchema().load({"on": value}) == {"on": value}


@pytest.mark.parametrize("value", [0, 1, 0.0, "true", "yes", None, []])
def test_nothing_else_passes_for_truth(value: Any) -> None:
    """Numbers and words that Python would take for a truth value are wrong types."""
    with pytest.raises(ValidationError):
        SwitchSchema().load({"on": value})

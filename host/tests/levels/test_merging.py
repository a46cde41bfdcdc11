"""The law by which levels are laid over each other."""

from __future__ import annotations

from collections import ChainMap
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from meishi.declarations import PluginSettings, SettingsLevel
from meishi.lifecycle.leveled_settings import LeveledSettings


class ShelfSchema(Schema):
    """Settings of a shelf."""

    low = fields.Integer(load_default=0, validate=validate.Range(-9, 9))
    high = fields.Integer(load_default=9, validate=validate.Range(-9, 9))
    label = fields.String(load_default="", data_key="name", validate=validate.Length(max=3))
    depth = fields.Integer(load_default=1)

    @validates_schema
    def is_a_range(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse what is upside down."""
        if data["low"] > data["high"]:
            raise ValidationError("low is above high")


DECLARED = PluginSettings(
    schema=ShelfSchema,
    levels={
        "low": SettingsLevel.USER,
        "high": SettingsLevel.WORKSPACE,
        "name": SettingsLevel.USER,
    },
)
KEYS = {
    SettingsLevel.WORKSPACE: {"low", "high", "name"},
    SettingsLevel.USER: {"low", "name"},
}
STORED = st.dictionaries(
    st.sampled_from(["low", "high", "name", "depth", "gone"]),
    st.integers(-12, 12) | st.text("ab", max_size=5),
)


@given(STORED, STORED, st.dictionaries(st.sampled_from(["low", "high"]), st.just(1)))
def test_lowest_accepted_value_holds(
    workspace: dict[str, Any], user: dict[str, Any], configured: dict[str, Any]
) -> None:
    """User, workspace, deployment, default: the first that was not refused; nothing else."""
    leveled = LeveledSettings(
        plugin="shelf", title="Shelf", declared=DECLARED, configured=configured
    )
    merged = leveled.merge(workspace, user)
    kept = {
        level: {key: value for key, value in stored.items() if (level, key) not in merged.refused}
        for level, stored in (
            (SettingsLevel.WORKSPACE, workspace),
            (SettingsLevel.USER, user),
        )
    }
    for level, stored in kept.items():
        assert stored.keys() <= KEYS[level]
    laid = ChainMap(kept[SettingsLevel.USER], kept[SettingsLevel.WORKSPACE], configured)
    assert merged.values == ShelfSchema().load(dict(laid))
    assert merged.sources.keys() == laid.keys()


@given(STORED)
def test_what_is_right_is_not_refused(workspace: dict[str, Any]) -> None:
    """A value is refused only where the schema or the level has something against it."""
    leveled = LeveledSettings(plugin="shelf", title="Shelf", declared=DECLARED, configured={})
    merged = leveled.merge(workspace)
    try:
        ShelfSchema().load(
            {key: workspace[key] for key in workspace.keys() & KEYS[SettingsLevel.WORKSPACE]}
        )
    except ValidationError:
        assert merged.refused
    else:
        assert {key for _, key in merged.refused} == workspace.keys() - KEYS[
            SettingsLevel.WORKSPACE
        ]

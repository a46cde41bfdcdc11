"""Targets of columns in a word, as commands and forms say them: `email:work`, `custom.score`."""

from __future__ import annotations

from crm_contacts.contract import ColumnTarget, TargetField

_CUSTOM = f"{TargetField.CUSTOM.value}."
_PRIMARY = "primary"


class UnknownTarget(ValueError):
    """A word stands for no target; the message says which there are."""


def written_target(target: ColumnTarget) -> str:
    """Return a target as `FIELD`, `FIELD:TYPE,TYPE`, `FIELD/LABEL` or `FIELD#GROUP`, or all."""
    word = target.field.value if target.key is None else f"{_CUSTOM}{target.key}"
    types = (*target.types, *([_PRIMARY] if target.primary else []))
    word += f":{','.join(types)}" if types else ""
    word += f"/{target.label}" if target.label else ""
    return word + (f"#{target.group}" if target.group else "")


def read_target(position: int, word: str, separator: str | None = None) -> ColumnTarget:
    """Return the target of a column that a word says; raise `UnknownTarget`."""
    rest, _, group = word.strip().partition("#")
    rest, _, label = rest.partition("/")
    name, _, written = rest.partition(":")
    types = [found.strip() for found in written.split(",") if found.strip()]
    key = None
    if name.startswith(_CUSTOM):
        name, key = TargetField.CUSTOM.value, name.removeprefix(_CUSTOM)
    try:
        field = TargetField(name)
    except ValueError as error:
        names = ", ".join(f"{_CUSTOM}KEY" if f is TargetField.CUSTOM else f for f in TargetField)
        raise UnknownTarget(f"{word!r} is no target. One of: {names}.") from error
    return ColumnTarget(
        position=position,
        field=field,
        types=tuple(found for found in types if found != _PRIMARY),
        label=label or None,
        primary=_PRIMARY in types,
        group=group or None,
        separator=separator,
        key=key,
    )

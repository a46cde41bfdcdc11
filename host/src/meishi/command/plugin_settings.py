"""What holds of a plugin's settings, and changing what a workspace sets, for operators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from meishi.command.deployment import current_deployment
from meishi.command.session import working_in
from meishi.errors import OperatorError
from meishi.levels.interface import PluginSettingValues
from meishi.lifecycle.contribution import Contribution
from meishi.sdk.contract import DomainError

_HINT = "`meishi plugins settings NAME` shows what can be set, and who sets it."


def rows_of_settings(name: str, workspace: str | None) -> list[tuple[str, str, str]]:
    """Return key, value and who set it, of all settings of a plugin; without secrets' values."""
    host = current_deployment().host()
    found = {item.plugin: item for item in host.plugins.active()}.get(name)
    if found is None or found.settings_schema is None:
        raise OperatorError(
            f"There is no active plugin {name!r} with settings.", hint="`meishi plugins` lists all."
        )
    rows = dict(_of_the_deployment(found))
    if name in host.leveled_settings:
        with working_in(workspace, plugin=name) as session, session.unit_of_work():
            for item in host.service(PluginSettingValues).of(name).settings:
                rows[item.key] = (item.value, item.source.value)
    return [(key, value, source) for key, (value, source) in rows.items()]


def change_settings(name: str, workspace: str | None, patch: Mapping[str, object]) -> None:
    """Set what a workspace sets of a plugin, whatever it is now."""
    host = current_deployment().host()
    document = msgspec.json.encode(patch).decode()
    with working_in(workspace, plugin=name) as session:
        try:
            with session.unit_of_work():
                host.service(PluginSettingValues).change(name, document)
        except DomainError as error:
            said = " ".join([error.detail, *(item.message for item in error.errors)])
            raise OperatorError(said, hint=_HINT) from error


def _of_the_deployment(found: Contribution) -> Iterator[tuple[str, tuple[str, str]]]:
    declared = found.settings_schema
    assert declared is not None
    schema = declared.schema()
    shown = schema.dump(found.settings)
    for name, field in schema.fields.items():
        key = field.data_key or name
        value = msgspec.json.encode(shown.get(key), enc_hook=str).decode()
        source = "deployment" if key in found.configured else "default"
        yield key, ("(secret)" if key in declared.secrets else value, source)

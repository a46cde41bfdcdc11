"""Settings as people change them: a form for each module, made of the module's own schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Response, request
from marshmallow import Schema

from meishi.declarations import SettingsLevel
from meishi.levels.descriptions import settings_form
from meishi.levels.environment import environment
from meishi.levels.interface import (
    InvalidSettings,
    PluginSettingValues,
    PluginValues,
    SettableLevel,
    ValueSource,
)
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError, VersionMismatch
from meishi.sdk.forms import Form
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.plugin import NavigationEntry, Page
from meishi.sdk.texts import gettext as _

_WRITE = "settings.write"
_FORM = ("GET", "POST")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownModule:
    """A module's settings, as their form shows them."""

    values: PluginValues
    form: Form
    fault: str = ""

    @property
    def inherited(self) -> list[str]:
        """Which of them are not set here, and what holds instead."""
        titles = {field.name: field.title for field in self.form.fields}
        return [
            f"{titles.get(item.key, item.key)}: {_plain(item.value)}"
            for item in self.values.settings
            if item.source not in {ValueSource.WORKSPACE, ValueSource.USER}
        ]


def settings_page() -> Response:
    """Show what the workspace has set about each module."""
    return _page(SettableLevel.WORKSPACE)


def own_settings_page() -> Response:
    """Show what one has set for oneself."""
    return _page(SettableLevel.USER)


def change_settings(plugin: str) -> Response:
    """Set what the workspace wants of a module; what is left empty is given back."""
    return _changed(plugin, SettableLevel.WORKSPACE)


def change_own_settings(plugin: str) -> Response:
    """Set what one wants for oneself."""
    return _changed(plugin, SettableLevel.USER)


PAGES = (
    Page(name="workspace", rule="", view=settings_page, title="Settings", permission="read"),
    Page(name="own", rule="/mine", view=own_settings_page, title="My settings", permission="own"),
    Page(
        name="change", rule="/<plugin>/change", view=change_settings, title="Settings",
        permission="write", methods=("POST",),
    ),
    Page(
        name="change_own", rule="/mine/<plugin>/change", view=change_own_settings,
        title="My settings", permission="own", methods=("POST",),
    ),
)  # fmt: skip
NAVIGATION = (
    NavigationEntry(
        page="workspace", title="Settings", icon="settings", section="Workspace", order=30
    ),
)


def _changed(plugin: str, level: SettableLevel) -> Response:
    values = service(PluginSettingValues).of(plugin, level=level)
    answer = _form(values).load(request.form)
    if answer.values is None:
        return _page(level, ShownModule(values=values, form=answer.form))
    sent = _schema(values).dump(answer.values)
    wanted = {item.key: sent.get(item.key) for item in values.settings}
    patch = msgspec.json.encode(wanted).decode()
    try:
        service(PluginSettingValues).change(plugin, patch, level=level)
    except (InvalidSettings, VersionMismatch) as error:
        return _page(level, ShownModule(values=values, form=answer.form, fault=_said(error)))
    toast(_("Saved."))
    return redirect("/settings/mine" if level is SettableLevel.USER else "/settings")


def _page(level: SettableLevel, refused: ShownModule | None = None) -> Response:
    settings = service(PluginSettingValues)
    shown = []
    for item in settings.all():
        values = settings.of(item.plugin, level=level)
        if refused is not None and refused.values.plugin == item.plugin:
            shown.append(refused)
        elif any(level is SettableLevel.WORKSPACE or one.level is level for one in values.settings):
            shown.append(ShownModule(values=values, form=_form(values)))
    own = level is SettableLevel.USER
    return render(
        "meishi_settings/list.html",
        status=200 if refused is None else 422,
        modules=shown,
        own=own,
        action="/settings/mine" if own else "/settings",
        may_write=own or _WRITE in current_actor().permissions,
    )


def _form(values: PluginValues) -> Form:
    own: dict[str, Any] = msgspec.json.decode(values.own)
    return Form(_schema(values), own)


def _schema(values: PluginValues) -> Schema:
    leveled = environment().leveled_settings[values.plugin]
    return settings_form(leveled, SettingsLevel(values.level.value))()


def _said(error: DomainError) -> str:
    return " ".join(item.message for item in error.errors) or error.detail


def _plain(encoded: str) -> str:
    value = msgspec.json.decode(encoded)
    return _("nothing") if value is None else str(value)

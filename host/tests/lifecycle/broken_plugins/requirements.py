"""Plugins whose manifest is wrong, or asks for what is not there."""

from __future__ import annotations

from meishi import __version__

from .broken_plugin import BrokenPlugin

MANIFESTS = (
    BrokenPlugin(
        what="a key of the manifest is missing",
        manifest={"host": None},
        plugin="raise RuntimeError('nothing of it is imported')",
        reason="`host` is missing or not text",
    ),
    BrokenPlugin(
        what="a key of the manifest is unknown",
        manifest={"colour": "red"},
        reason="plugin.toml has an unknown key `colour`",
    ),
    BrokenPlugin(
        what="the manifest has another name than the package",
        manifest={"name": "memos"},
        reason="`name` is 'memos', but the entry point is 'notes' and the package 'notes'",
    ),
    BrokenPlugin(
        what="the manifest announces an event that no hook returns",
        manifest={"events": {"emits": ["note.created.v1"]}},
        reason="`events.emits` of the manifest and hook `event_types` differ: note.created.v1",
    ),
    BrokenPlugin(
        what="its prefix is one that the host keeps",
        manifest={"api_prefix": "billing"},
        reason="`api_prefix` 'billing' is reserved for the host",
    ),
)

REQUIREMENTS = (
    BrokenPlugin(
        what="it is made for another host",
        manifest={"host": ">=99"},
        plugin="raise RuntimeError('nothing of it is imported')",
        state="incompatible",
        reason=f"needs meishi >=99, this is {__version__}",
    ),
    BrokenPlugin(
        what="it needs a plugin that nobody installed",
        manifest={"requires": {"tags": "*"}},
        state="missing_dependency",
        reason="skipped: needs tags (not installed)",
    ),
    BrokenPlugin(
        what="it needs another version of a plugin",
        manifest={"requires": {"tags": ">=2"}},
        others={"tags": {}},
        state="missing_dependency",
        reason="skipped: needs tags >=2, 1.0 is installed",
    ),
    BrokenPlugin(
        what="it needs a plugin that needs it",
        manifest={"requires": {"tags": "*"}},
        others={"tags": {"requires": {"notes": "*"}}},
        reason="requires go in a circle: notes → tags → notes",
    ),
)

SETTINGS = (
    BrokenPlugin(
        what="two of its settings have one key",
        plugin=(
            "class NotesSettings(Schema):\n"
            "    limit = fields.Integer(load_only=True)\n"
            "    maximum = fields.Integer(data_key='limit', load_only=True)\n"
            "@hookimpl\n"
            "def settings():\n"
            "    return PluginSettings(schema=NotesSettings)\n"
        ),
        reason="hook `settings`: PluginSettings: the setting 'limit' is declared twice",
    ),
    BrokenPlugin(
        what="a value is set that it does not want",
        plugin=(
            "class NotesSettings(Schema):\n"
            "    limit = fields.Integer()\n"
            "@hookimpl\n"
            "def settings():\n"
            "    return PluginSettings(schema=NotesSettings)\n"
        ),
        variables={"MEISHI_PLUGIN__NOTES__LIMIT": "many"},
        reason="[plugin.notes] is wrong: {'limit': ['Not a valid integer.']}",
    ),
    BrokenPlugin(
        what="something is set, and it has no settings",
        variables={"MEISHI_PLUGIN__NOTES__LIMIT": "5"},
        reason="[plugin.notes] is set, but the plugin has no settings",
    ),
    BrokenPlugin(
        what="its name ends where that of a setting might begin",
        manifest={"name": "notes__"},
        reason=(
            "`name` must not end in an underscore, nor have two in a row: 'notes__'; "
            "in MEISHI_PLUGIN__<NAME>__<KEY> two of them end the name"
        ),
    ),
)

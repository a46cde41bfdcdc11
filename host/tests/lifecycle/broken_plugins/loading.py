"""Plugins that cannot be loaded: their import, or one of their hooks, goes wrong."""

from __future__ import annotations

from meishi import __version__

from .broken_plugin import BrokenPlugin

AHEAD = f"specified but not served by this version of the host ({__version__})"

IMPORTS = (
    BrokenPlugin(
        what="it raises while it is imported",
        plugin="raise RuntimeError('no licence')",
        reason="importing notes.plugin raised RuntimeError('no licence')",
    ),
    BrokenPlugin(
        what="it imports what is not installed",
        plugin="import nowhere_to_be_found",
        reason=(
            "importing notes.plugin raised "
            "ModuleNotFoundError(\"No module named 'nowhere_to_be_found'\")"
        ),
    ),
    BrokenPlugin(
        what="it ends the process while it is imported",
        plugin="sys.exit(0)",
        reason="importing notes.plugin raised SystemExit(0)",
    ),
    BrokenPlugin(
        what="it raises what is no Exception",
        plugin="class Halt(BaseException): ...\nraise Halt('now')",
        reason="importing notes.plugin raised Halt('now')",
    ),
    BrokenPlugin(
        what="it raises what cannot be shown",
        plugin=(
            "class Mute(Exception):\n    def __repr__(self):\n        raise self\nraise Mute\n"
        ),
        reason="importing notes.plugin raised Mute(...)",
    ),
    BrokenPlugin(
        what="it raises what would paint a terminal, at length",
        plugin=(
            "class Loud(Exception):\n"
            "    def __repr__(self):\n"
            "        return chr(27) + '[31m' + 2_000_000 * '!'\n"
            "raise Loud\n"
        ),
        reason=f"importing notes.plugin raised \\x1b[31m{395 * '!'}...",
    ),
    BrokenPlugin(
        what="it hangs while it is imported",
        plugin="time.sleep(3600)",
        variables={"MEISHI_PLUGIN_LOAD_SECONDS": "1"},
        reason="importing notes.plugin did not end within 1 s (it was at notes/plugin.py:14)",
    ),
    BrokenPlugin(
        what="it hangs, and catches whatever should end it",
        plugin=(
            "while True:\n"
            "    try:\n"
            "        time.sleep(3600)\n"
            "    except BaseException:\n"
            "        pass\n"
        ),
        variables={"MEISHI_PLUGIN_LOAD_SECONDS": "1"},
        reason="importing notes.plugin did not end within 1 s (it was at notes/plugin.py:16)",
    ),
    BrokenPlugin(
        what="it hangs, and has switched the alarm off",
        plugin="import signal\nsignal.alarm(0)\ntime.sleep(3600)",
        variables={"MEISHI_PLUGIN_LOAD_SECONDS": "1"},
        reason="importing notes.plugin did not end within 1 s (it was at notes/plugin.py:16)",
    ),
    BrokenPlugin(
        what="it hangs, and does not heed the alarm",
        plugin="import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(3600)",
        variables={"MEISHI_PLUGIN_LOAD_SECONDS": "1"},
        reason="importing notes.plugin did not end within 1 s (it was at notes/plugin.py:16)",
    ),
)

HOOKS = (
    BrokenPlugin(
        what="a hook raises",
        plugin="@hookimpl\ndef routes():\n    raise RuntimeError('no licence')\n",
        reason="hook `routes` raised RuntimeError('no licence')",
    ),
    BrokenPlugin(
        what="a hook ends the process",
        plugin="@hookimpl\ndef routes():\n    sys.exit(3)\n",
        reason="hook `routes` raised SystemExit(3)",
    ),
    BrokenPlugin(
        what="a hook raises what is no Exception",
        plugin="@hookimpl\ndef routes():\n    raise GeneratorExit\n",
        reason="hook `routes` raised GeneratorExit()",
    ),
    BrokenPlugin(
        what="a hook leaves a thread behind that the end of the process waits for",
        plugin=(
            "@hookimpl\n"
            "def routes():\n"
            "    threading.Thread(name='poller', target=time.sleep, args=(2,)).start()\n"
            "    return []\n"
        ),
        reason=(
            "loading it started the thread 'poller'; start threads where there is work for them"
        ),
    ),
    BrokenPlugin(
        what="a hook hangs",
        plugin="@hookimpl\ndef routes():\n    while True: ...\n",
        variables={"MEISHI_PLUGIN_LOAD_SECONDS": "1"},
        reason="hook `routes` did not end within 1 s (it was at notes/plugin.py:16)",
    ),
    BrokenPlugin(
        what="a hook is misspelt",
        plugin="@hookimpl\ndef rotes():\n    return []\n",
        reason="there is no hook `rotes`; did you mean `routes`?",
    ),
    BrokenPlugin(
        what="a hook takes what nobody gives it",
        plugin="@hookimpl\ndef routes(app):\n    return []\n",
        reason=(
            "Plugin 'notes' for hook 'routes' hookimpl definition: routes(app) Argument(s) "
            "{'app'} are declared in the hookimpl but can not be found in the hookspec"
        ),
    ),
    BrokenPlugin(
        what="a hook is a coroutine",
        plugin="@hookimpl\nasync def permissions():\n    return []\n",
        reason="hook `permissions` must return a list, not a coroutine",
    ),
    BrokenPlugin(
        what="a hook returns something else",
        plugin="@hookimpl\ndef permissions():\n    return ['read']\n",
        reason="hook `permissions` must return Permission, not a str",
    ),
    BrokenPlugin(
        what="a declaration has a wrong value",
        plugin="@hookimpl\ndef permissions():\n    return [Permission(name='Read', title='R')]\n",
        reason=(
            "hook `permissions`: Permission: `name` must match "
            r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*: 'Read'"
        ),
    ),
    BrokenPlugin(
        what="a hook is not served yet",
        plugin="@hookimpl\ndef meters():\n"
        "    return [Meter(name='notes', title='Notes', unit='notes')]\n",
        reason=f"hook `meters` is {AHEAD}",
    ),
    BrokenPlugin(
        what="a subscription is declared in two ways",
        plugin="@hookimpl\ndef event_handlers():\n"
        "    return [on(Placed, print), on(Placed, len, subscription=Subscription(slots=4))]\n"
        "@dataclass(frozen=True)\n"
        "class Placed(Event):\n"
        "    event_type, subject = 'order.placed.v1', 'order_id'\n"
        "    order_id: str\n",
        manifest={"events": {"consumes": ["order.placed.v1"]}},
        reason="hook `event_handlers`: the subscription 'main' is declared in two ways",
    ),
    BrokenPlugin(
        what="a workspace may set a secret",
        plugin="@hookimpl\ndef settings():\n"
        "    return PluginSettings(schema=NoteSettings, secrets=['key'],\n"
        "        levels={'key': SettingsLevel.WORKSPACE})\n"
        "class NoteSettings(Schema):\n"
        "    key = fields.String()\n",
        reason="hook `settings`: PluginSettings: `levels` names 'key', "
        "but a secret is the deployment's alone",
    ),
)

"""Plugins that want a name, or an address, twice, or one that somebody else has."""

from __future__ import annotations

from .broken_plugin import BrokenPlugin

ROUTES = """
blueprint, second = Blueprint("notes", description=""), Blueprint("more", description="")
@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]
@hookimpl
def routes():
    return [blueprint, second]
"""


def _view(rule: str, name: str, blueprint: str = "blueprint") -> str:
    return (
        f"@{blueprint}.route({rule!r})\nclass {name}(MethodView):\n"
        f"    @{blueprint}.requires('read')\n    def get(self, **_): ...\n"
    )


def _page(*rules: str) -> str:
    pages = ", ".join(f"PublicPage(rule={rule!r}, resolve=print, view=print)" for rule in rules)
    return f"@hookimpl\ndef public_pages():\n    return [{pages}]\n"


EVENT = """
@dataclass(frozen=True)
class Created(Event):
    event_type, subject = "note.created.v1", "note_id"
    note_id: str
@hookimpl
def event_types():
    return [Created]
"""
EMITS = {"events": {"emits": ["note.created.v1"]}}
SCHEMAS = """
class NoteSchema(Schema): ...
@hookimpl
def schemas():
    return Schemas(resources=[NoteSchema])
"""
READ = "Permission(name='read', title='Read')"
PERMISSIONS = f"@hookimpl\ndef permissions():\n    return [{READ}]\n"

NAMES = (
    BrokenPlugin(
        what="its prefix is that of another",
        manifest={"api_prefix": "notes"},
        others={"memos": {"api_prefix": "notes"}},
        reason="api_prefix 'notes' belongs to the plugin 'memos'",
    ),
    BrokenPlugin(
        what="its event type is that of another",
        plugin=EVENT,
        manifest=EMITS,
        others={"memos": {"plugin": EVENT, **EMITS}},
        reason="event type 'note.created.v1' belongs to the plugin 'memos'",
    ),
    BrokenPlugin(
        what="its resource is called like that of another",
        plugin=SCHEMAS,
        others={"memos": {"plugin": SCHEMAS}},
        reason="schema 'Note' belongs to the plugin 'memos'",
    ),
    BrokenPlugin(
        what="its permission is that of another",
        plugin=PERMISSIONS,
        manifest={"api_prefix": "memos"},
        others={"memos": {"plugin": PERMISSIONS}},
        reason="permission 'memos.read' belongs to the plugin 'memos'",
    ),
    BrokenPlugin(
        what="a permission is declared twice",
        plugin=PERMISSIONS.replace(READ, f"{READ}, {READ}"),
        reason="permission 'notes.read' is declared twice",
    ),
    BrokenPlugin(
        what="its command is one of the host",
        plugin="@hookimpl\ndef cli():\n    return click.Group('notes')\n",
        manifest={"api_prefix": "serve"},
        reason="command 'serve' belongs to the plugin 'meishi'",
    ),
    BrokenPlugin(
        what="a service is offered twice",
        plugin=(
            "class Notes(Protocol): ...\n"
            "@hookimpl\n"
            "def services():\n"
            "    return [Service(Notes, object), Service(Notes, object)]\n"
        ),
        reason="service 'notes.plugin.Notes' is declared twice",
    ),
)

ADDRESSES = (
    BrokenPlugin(
        what="a route is declared twice",
        plugin=ROUTES + _view("/a", "One") + _view("/a", "Two"),
        manifest={"api_prefix": "notes"},
        reason="GET /api/v1/notes/a is declared twice",
    ),
    BrokenPlugin(
        what="a route is declared on two blueprints",
        plugin=ROUTES + _view("/a", "One") + _view("/a", "Two", "second"),
        manifest={"api_prefix": "notes"},
        reason="GET /api/v1/notes/a is declared twice",
    ),
    BrokenPlugin(
        what="two routes differ in the name of a parameter only",
        plugin=ROUTES + _view("/<uuid:one>", "One") + _view("/<uuid:two>", "Two"),
        manifest={"api_prefix": "notes"},
        reason="GET /api/v1/notes/<uuid:two> is declared twice",
    ),
    BrokenPlugin(
        what="a route asks for no permission",
        plugin=ROUTES + _view("/a", "One").replace("@blueprint.requires('read')", ""),
        manifest={"api_prefix": "notes"},
        reason="GET /api/v1/notes/a names no permission",
    ),
    BrokenPlugin(
        what="its public path is that of another",
        plugin=_page("/n/<slug>"),
        others={"memos": {"plugin": _page("/n/<slug>")}},
        reason="path '/n' belongs to the plugin 'memos'",
    ),
    BrokenPlugin(
        what="its public path is one of the host",
        plugin=_page("/admin/<slug>"),
        reason="path '/admin' belongs to the plugin 'meishi'",
    ),
    BrokenPlugin(
        what="two public pages differ in the name of a parameter only",
        plugin=_page("/n/<slug>", "/n/<string:name>"),
        reason="the public page /n/<string:name> is declared twice",
    ),
)

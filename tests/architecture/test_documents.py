"""What the documents promise is held against the sources."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from crm_contacts.settings import ContactsSettingsSchema
from meishi.errors import BootRefused, DatabaseUnavailable, OperatorError, SettingsError
from meishi.hookspecs import Hooks
from meishi.lifecycle.states import PluginState
from meishi.placement import PLACEMENT_KEYS
from meishi.settings import Settings

pytestmark = pytest.mark.no_calls

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
DOCUMENTS = sorted(
    found
    for pattern in ("*.md", "docs/**/*.md", "changes/README.md", "plugins/*/*.md")
    for found in ROOT.glob(pattern)
)
SOURCES = sorted([*ROOT.glob("host/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")])

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"MEISHI_[A-Z_]*[A-Z]")


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _prose(document: Path) -> str:
    return _FENCED.sub("", document.read_text(encoding="utf-8"))


def _anchors(document: Path) -> set[str]:
    """The anchors that a forge gives to the headings of a document, and the site too."""
    taken: Counter[str] = Counter()
    anchors = set()
    for heading in _HEADING.findall(_prose(document)):
        slug = re.sub(
            r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        ).replace(" ", "-")
        anchors.add(f"{slug}-{taken[slug]}" if taken[slug] else slug)
        taken[slug] += 1
    return anchors


#: `plugins_listed` follows from whether `plugins` is set.
_CONSTRUCTED = {"plugins_listed", "placements", "movable"}
_SETTINGS = [item for item in fields(Settings) if item.name not in _CONSTRUCTED]


def _hooks() -> dict[str, str]:
    """Every hook with its signature, as a plugin's function has it: without `self`."""
    return {
        name: str(inspect.signature(function)).replace("(self)", "()").replace("'", "")
        for name, function in inspect.getmembers(Hooks, inspect.isfunction)
    }


@pytest.mark.parametrize(("hook", "signature"), _hooks().items())
def test_every_hook_is_documented_with_its_exact_signature(hook: str, signature: str) -> None:
    """Name, arguments and result of a hook stand in the heading of its section."""
    assert f"\n### `{hook}{signature}`\n" in _text("plugins.md")


def test_no_hook_is_documented_that_does_not_exist() -> None:
    """Every section about a hook is about one that the host calls."""
    documented = set(re.findall(r"^### `(\w+)\(", _text("plugins.md"), re.MULTILINE))
    assert documented == set(_hooks())


@pytest.mark.parametrize("key", [item.name for item in _SETTINGS])
def test_every_setting_is_documented(key: str) -> None:
    """Each key of the settings stands in the reference, with its variable."""
    text = _text("operating.md")
    wanted = (
        "`[plugin.NAME]`" if key == "plugin_settings" else f"| `{key}` | `MEISHI_{key.upper()}`"
    )
    assert wanted in text


@pytest.mark.parametrize("setting", [item for item in _SETTINGS if item.name != "home"])
def test_the_documented_default_is_the_real_one(setting: object) -> None:
    """A plain default stands in the reference as it is in the code."""
    name, default = getattr(setting, "name", ""), getattr(setting, "default", None)
    if isinstance(default, str | int):
        row = re.search(rf"^\| `{name}` \|.*$", _text("operating.md"), re.MULTILINE)
        assert row is not None
        assert row[0].split(" | ")[2].strip("`") == str(default)


@pytest.mark.parametrize("key", ContactsSettingsSchema().fields)
def test_every_setting_of_a_plugin_is_documented(key: str) -> None:
    """Each key of a plugin's settings stands in the reference."""
    assert f"| `crm_contacts` | `{key}` |" in _text("operating.md")


@pytest.mark.parametrize("key", PLACEMENT_KEYS)
def test_every_key_of_a_placement_is_documented(key: str) -> None:
    """What the host reads of any plugin's table stands in the reference."""
    assert f"\n| `{key}` | " in _text("operating.md")


def test_every_variable_of_the_sources_is_documented() -> None:
    """No MEISHI_ variable is read that the reference does not name."""
    named = {found for file in SOURCES for found in _VARIABLE.findall(file.read_text("utf-8"))}
    assert named, "the sources name no variable at all"
    assert not {name for name in named if name not in _text("operating.md")}


def test_every_state_of_a_plugin_is_documented() -> None:
    """An operator finds each state that `meishi plugins` may print."""
    assert all(f"| `{state.value}` |" in _text("operating.md") for state in PluginState)


@pytest.mark.parametrize("kind", [OperatorError, SettingsError, DatabaseUnavailable, BootRefused])
def test_every_exit_code_is_documented(kind: type[OperatorError]) -> None:
    """Each code with which a command may end has a row."""
    assert f"\n| {kind.exit_code} | " in _text("operating.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    """Every link to a file of the repository finds it."""
    links = [link for link in _LINK.findall(_prose(document)) if "://" not in link]
    targets = {link: document.parent / link.partition("#")[0] for link in links}
    assert not [link for link, target in targets.items() if not target.exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_anchors_lead_somewhere(document: Path) -> None:
    """Every link to a heading finds it, in its own document or in another."""
    lost = []
    for link in _LINK.findall(_prose(document)):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if anchor and "://" not in link and anchor not in _anchors(target):
            lost.append(link)
    assert not lost


def test_every_decision_is_listed() -> None:
    """The list of decisions links to each page, once."""
    listed = _LINK.findall((DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(file.name for file in DECISIONS.glob("[0-9]*.md"))


@pytest.mark.parametrize(
    "decision", sorted(DECISIONS.glob("[0-9]*.md")), ids=lambda file: file.stem
)
def test_a_decision_has_all_its_parts(decision: Path) -> None:
    """Context, decision, consequences and alternatives stand in each, under its number."""
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {decision.name[:4]} ")
    parts = ("Context", "Decision", "Consequences", "Alternatives")
    assert [part for part in parts if f"**{part}.**" not in text] == []


_PROVEN_BY = re.compile(r"`((?:host|plugins|tests)/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize(("file", "test"), sorted(set(_PROVEN_BY.findall(_text("boundaries.md")))))
def test_what_proves_a_promise_is_there(file: str, test: str) -> None:
    """Every test that the page about boundaries names can be run."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"\ndef {test or 'test_'}" in text


def test_every_promise_is_proven() -> None:
    """Each row about a boundary names a test."""
    rows = re.findall(r"^\| (?!promise|---).*$", _text("boundaries.md"), re.MULTILINE)
    assert rows
    assert [row for row in rows if not _PROVEN_BY.search(row)] == []

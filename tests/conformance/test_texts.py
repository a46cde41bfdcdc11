"""Catalogues: every text of the host and of every plugin is there, in every language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meishi.testing.texts import Source, catalogue_faults, sources, update

pytestmark = pytest.mark.no_calls


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_a_catalogue_has_all_texts_and_no_other(source: Source) -> None:
    """Each is translated, looked through, and has the places for values that the text has."""
    assert catalogue_faults(source) == []


@pytest.fixture
def plugin(tmp_path: Path) -> Source:
    """A plugin with two texts, and a catalogue that has them."""
    (tmp_path / "pages.py").write_text('_("Hello %(name)s")\n_("Bye")\n')
    source = replace(sources()[0], name="small", folder=tmp_path, home=tmp_path, plugins=())
    update(source)
    return source


def written(source: Source, hello: str, bye: str) -> list[str]:
    """Return the faults of a catalogue with these translations."""
    file = source.catalogue("de")
    text = f'msgid "Hello %(name)s"\nmsgstr "{hello}"\n\n{bye}'
    file.write_text(text, encoding="utf-8")
    return [fault.partition(": ")[2].partition(";")[0] for fault in catalogue_faults(source)]


BYE = 'msgid "Bye"\nmsgstr "Tschüss"\n'


def test_a_new_catalogue_is_still_to_be_translated(plugin: Source) -> None:
    """Texts are collected; that nobody has translated them is said."""
    assert len(catalogue_faults(plugin)) == 2
    assert 'msgid "Bye"' in plugin.catalogue("de").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("hello", "bye", "fault"),
    [
        ("Hallo %(name)s", "", "'Bye' is missing"),
        ("Hallo %(name)s", f"#, fuzzy\n{BYE}", "'Bye' is not translated"),
        ("Hallo %(nmae)s", BYE, "'Hello %(name)s' has other places"),
        ("Hallo", BYE, "'Hello %(name)s' has other places"),
        (
            "Hallo %(name)s",
            f'{BYE}\nmsgid "Old"\nmsgstr "Alt"\n',
            "'Old' is shown nowhere",
        ),
    ],
)
def test_what_is_wrong_is_named(plugin: Source, hello: str, bye: str, fault: str) -> None:
    """A missing, unread, unused or differently filled text is a fault."""
    (found,) = written(plugin, hello, bye)
    assert found.startswith(fault)


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(plugin: Source) -> None:
    """A catalogue that is complete stays so, letter by letter."""
    assert written(plugin, "Hallo %(name)s", BYE) == []
    update(plugin)
    once = plugin.catalogue("de").read_bytes()
    (plugin.folder / "pages.py").write_text('_("Hello %(name)s")\n')
    assert len(catalogue_faults(plugin)) == 1
    update(plugin)
    assert catalogue_faults(plugin) == []
    assert b"Tsch" in once
    assert b"Tsch" not in plugin.catalogue("de").read_bytes()

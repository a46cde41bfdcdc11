"""Imports as people make them: upload, preview, run, result."""

from __future__ import annotations

import io
import re

from werkzeug.datastructures import FileStorage

from meishi.testing.browsing import Browser
from meishi.testing.jobs import JobRuns

from .conftest import Granary
from .granary import LINES, acting


def test_people_import_a_file(granary: Granary, run: JobRuns, signed_in: Browser) -> None:
    """They see who reads it and what is in it, try it, and take it in."""
    page = signed_in.get("/imports").text
    assert "Sacks (.sacks)" in page
    assert "Locked" not in page
    sent = {"file": (io.BytesIO(b"SACKS\n\n<b>rye\n"), "harvest.sacks"), "importer": ""}
    answer = signed_in.send("/imports", sent)
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert "goes on by itself" in signed_in.get(place).text
    run()
    page = signed_in.get(place).text
    assert "&lt;b&gt;rye" in page
    assert 'hx-trigger="every 1s"' not in page
    assert re.search(r'<option value="name" selected>\s*Name', page)
    signed_in.send(place, {"column-0": "mark", "dry_run": "true"})
    run()
    page = signed_in.get(place).text
    assert "Nothing was stored." in page
    assert granary.names() == []
    signed_in.send(place, {"column-0": "mark"})
    run()
    page = signed_in.get(place).text
    assert "The import is complete." in page
    assert "No name." in page
    assert granary.sacks("name, field") == [("SACKS", "mark"), ("<b>rye", "mark")]
    assert "harvest.sacks" in signed_in.get("/imports").text
    signed_in.send(f"{place}/delete", page=place)
    assert "harvest.sacks" not in signed_in.get("/imports").text


def test_a_name_that_no_file_has_is_kept_as_far_as_it_can_be_read(
    granary: Granary, signed_in: Browser
) -> None:
    """Whatever a program says that its file is called, and is."""
    for name, media_type in (("har\0vest.sacks", LINES), ("\0", f"{LINES}\0")):
        file = FileStorage(io.BytesIO(b"SACKS"), name, content_type=media_type)
        answer = signed_in.send("/imports", {"file": file, "importer": "sacks"})
        assert answer.status_code == 303, answer.text
    kept = granary.rows("SELECT name, media_type FROM meishi_imports.file_import ORDER BY id")
    assert kept == [("harvest.sacks", LINES), (None, LINES)]


def test_what_cannot_be_imported_is_said_above_the_form(
    granary: Granary, signed_in: Browser
) -> None:
    """And nothing is kept of it."""
    for file, said in (
        ((io.BytesIO(b""), "empty.single"), "There is nothing in the file."),
        ((io.BytesIO(b"x" * 41), "large.single"), "The file may have 40 octets."),
        ((io.BytesIO(b"x"), "x.png", "image/png"), "Nobody reads files"),
    ):
        answer = signed_in.send("/imports", {"file": file, "importer": ""})
        assert answer.status_code == 422
        assert said in answer.text
    assert "Choose a file first." in signed_in.send("/imports").text
    assert granary.rows("SELECT count(*) FROM meishi_imports.file_import") == [(0,)]


def test_why_an_import_failed_stands_on_its_page(
    granary: Granary, run: JobRuns, signed_in: Browser
) -> None:
    """With the name of who failed."""

    def fail(_file: object) -> None:
        raise RuntimeError("4711")

    sent = {"file": (io.BytesIO(b"x"), "x.sacks"), "importer": "barrels"}
    place = signed_in.send("/imports", sent).headers["Location"]
    with acting("preview", fail):
        run(failures=True)
    page = signed_in.get(place).text
    assert "The importer &#39;barrels&#39; of the module &#39;granary&#39; failed" in page
    assert "4711" not in page

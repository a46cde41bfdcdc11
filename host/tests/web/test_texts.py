"""Texts: in which language a page speaks, and whose words it takes."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from meishi.sdk.database import current_connection
from meishi.sdk.texts import gettext
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

NASTY = "<script>alert('x')</script>"


def choose(workspace: WorkspaceUnderTest, locale: str) -> None:
    """Let everybody have chosen a language."""
    with workspace.acting_as("identity"):
        statement = text('UPDATE identity."user" SET locale = :locale')
        current_connection().execute(statement, {"locale": locale})


def accepting(languages: str) -> dict[str, str]:
    """Return the headers of a browser that asks for languages."""
    return {"Accept-Language": languages}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("fr, de;q=0.3", "de"),
        ("en, de;q=0.9", "en"),
        ("fr, ja", "en"),
        ("*", "en"),
        ("%%%", "en"),
        ("", "en"),
    ],
)
def test_a_stranger_is_answered_as_the_browser_asks(
    stranger: Browser, asked: str, language: str
) -> None:
    """The best language of those that there are is taken, English if there is none."""
    answer = stranger.get("/sign-in", headers=accepting(asked))
    assert f'<html lang="{language}">' in answer.text
    assert ("Anmelden" in answer.text) is (language == "de")
    assert "Accept-Language" in answer.headers["Vary"]


def test_what_one_has_chosen_comes_before_the_browser(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """An account's language holds wherever it signs in; moments follow."""
    choose(workspace, "de")
    page = signed_in.get("/identity/sessions", headers=accepting("en")).text
    assert '<html lang="de">' in page
    assert "Wo Sie angemeldet sind" in page
    choose(workspace, "en")
    assert (
        "Where you are signed in"
        in signed_in.get("/identity/sessions", headers=accepting("de")).text
    )


def test_a_language_that_there_is_not_counts_as_none(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """Who has chosen what was taken away since is answered as the browser asks."""
    choose(workspace, "xx")
    assert '<html lang="en">' in signed_in.get("/shelf").text
    assert '<html lang="de">' in signed_in.get("/shelf", headers=accepting("de")).text


def test_a_plugin_speaks_with_its_own_words_first(signed_in: Browser) -> None:
    """Its catalogue comes before the host's, also for its titles on pages of others."""
    page = signed_in.get("/shelf?book=x", headers=accepting("de")).text
    assert "Steht in x" in page
    assert "2 Bücher" in page
    assert "Tür zu" in page
    assert "<title>Regal" in page
    elsewhere = signed_in.get("/identity/account", headers=accepting("de")).text
    assert ">Regal<" in elsewhere
    assert "Abmelden" in elsewhere
    assert "Daneben" in signed_in.get("/shelf/1", headers=accepting("de")).text


def test_a_text_that_nobody_looked_through_is_not_shown(signed_in: Browser) -> None:
    """What a catalogue marks as fuzzy stays as it was written."""
    page = signed_in.get("/shelf", headers=accepting("de")).text
    assert ">Safe<" in page
    assert "Sicher" not in page


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_text_is_never_taken_for_markup(signed_in: Browser, language: str) -> None:
    """Neither what is translated nor what stands in its places can bring tags into a page."""
    page = signed_in.client.get(
        "/shelf", query_string={"book": NASTY}, headers=accepting(language)
    ).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 3


def test_an_empty_text_stays_empty(signed_in: Browser) -> None:
    """A catalogue says of itself what stands for an empty text; nobody reads that."""
    assert '<p id="raw"></p>' in signed_in.get("/shelf", headers=accepting("de")).text


def test_a_problem_has_a_title_in_the_readers_language(signed_in: Browser) -> None:
    """Also where nothing is found, people are told so in their words."""
    page = signed_in.get("/identity/nothing", headers=accepting("de"))
    assert page.status_code == 404
    assert "Nicht gefunden" in page.text


def test_outside_of_requests_texts_are_as_they_were_written() -> None:
    """Commands and jobs have no reader whose language is known."""
    assert gettext("Sign in") == "Sign in"
    assert gettext("Role of %(name)s", name="100 %") == "Role of 100 %"

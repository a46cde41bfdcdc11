"""Texts in the language of who reads them.

Texts are written in English and found in the catalogues by themselves. The language is what the
reader has chosen, else what the browser asks for. It is looked up when the first text of a request
is shown: what shows none does not pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from gettext import NullTranslations

from flask import Flask, current_app, g, has_request_context, request
from jinja2 import Environment

from meishi.context import NoScope, current_scope
from meishi.core.identity.contract import Account, AccountNotFound, Accounts
from meishi.host import Host
from meishi.reader import current_reader
from meishi.web.catalogues import LANGUAGES, WRITTEN, Catalogues

#: Where an application keeps its catalogues.
CATALOGUES = "meishi_catalogues"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a reader; `locale` is their language (`de`)."""

    locale: str
    catalogues: Catalogues | None = None

    def of(self, plugin: str | None) -> NullTranslations:
        """Return the texts as a plugin shows them; the host itself is None."""
        if self.catalogues is None:
            return NullTranslations()
        return self.catalogues.of(plugin, self.locale)


_WRITTEN = Texts(WRITTEN)


def install_texts(app: Flask, host: Host) -> None:
    """Give an application the texts of its plugins."""
    packages = {item.plugin: item.package for item in host.plugins.active()}
    app.extensions[CATALOGUES] = Catalogues(packages)


def install_gettext(environment: Environment) -> None:
    """Let templates use `_()`, with the same meaning as in Python.

    Jinja's "new style" takes every text for markup, also one that came from a contact.
    """
    environment.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]


def current_texts() -> Texts:
    """Return the texts of who reads; outside of requests they are as they were written."""
    if not has_request_context():
        return _WRITTEN
    reader = current_reader()
    if reader is not None:
        return Texts(reader.locale, current_app.extensions.get(CATALOGUES))
    found: Texts | None = g.get("meishi_texts")
    if found is None:
        found = g.meishi_texts = Texts(_language(), current_app.extensions.get(CATALOGUES))
    return found


def current_account() -> Account | None:
    """Return who is signed in, asked for once in a request."""
    user_id = current_scope().actor.user_id
    if user_id is None:
        return None
    known: Account | None = g.get("meishi_account")
    if known is None or known.id != user_id:
        known = g.meishi_account = current_scope().host.service(Accounts).get(user_id)
    return known


def gettext(text: str, **values: object) -> str:
    """Return a text in the reader's language, with values in the places of `%(name)s`."""
    return text_of(_running(), text, **values)


def ngettext(one: str, several: str, n: int, **values: object) -> str:
    """Return one of two texts for a number, which stands in the place of `%(num)s`."""
    found = current_texts().of(_running()).ngettext(one, several, n)
    return found % {"num": n, **values}


def noted(text: str) -> str:
    """Return a text as it is, and have it listed in the catalogue: it is translated where shown."""
    return text


def text_of(plugin: str | None, text: str, **values: object) -> str:
    """Return a text as a plugin says it, whoever shows it."""
    # In a catalogue, what stands for an empty text is its own description.
    found = current_texts().of(plugin).gettext(text) if text else text
    return found % values if values else found


def _running() -> str | None:
    try:
        return current_scope().work.running
    except NoScope:
        return None


def _language() -> str:
    try:
        account = current_account()
    except (NoScope, AccountNotFound):
        account = None
    if account is not None and account.locale in LANGUAGES:
        return account.locale
    # Werkzeug's own choice takes a worse language by its full name before a better one's variant.
    for tag, quality in request.accept_languages:
        language = tag.partition("-")[0].lower()
        if quality > 0 and language in LANGUAGES:
            return language
    return WRITTEN

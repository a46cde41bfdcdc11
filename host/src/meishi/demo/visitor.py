"""Visitors of a card: they scan a code, some take the contact file, some leave a card in return."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import ExitStack

import httpx

#: What a telephone says of itself; programs are not counted as visitors.
_TELEPHONE = "Mozilla/5.0 (Linux; Android 16; Mobile) Gecko/140.0 Firefox/140.0"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_ACTION = re.compile(r'<form method="post" action="([^"#]*)')
_CONSENT = re.compile(r'name="consent" type="checkbox" value="([^"]*)"')
#: Seconds that people need at least to fill in a form; who is quicker is taken for a program.
_TYPING = 2.2
#: Who leaves a card: name, title, organisation and its domain.
_PEOPLE = (
    ("Marit Solheim", "Fotograf", "Fjordlys Foto AS", "fjordlys-foto.example"),
    ("Elin Nyberg", "Head of Design", "Nyberg & Co", "nyberg-co.example"),
    ("Tomasz Wilk", "Sales Manager", "Wilk Logistyka", "wilk-logistyka.example"),
    ("Aiko Tanabe", "Product Manager", "Tanabe Works", "tanabe-works.example"),
    ("Lucía Ferrer", "Directora de Marketing", "Ferrer Textil", "ferrer-textil.example"),
    ("Jonas Brandt", "Geschäftsführer", "Brandt Möbel GmbH", "brandt-moebel.example"),
    ("Amara Diallo", "Software Engineer", "Diallo Digital", "diallo-digital.example"),
    ("Pieter van Loon", "Inkoper", "Van Loon Bloemen", "vanloon-bloemen.example"),
    ("Chiara Moretti", "Architetto", "Studio Moretti", "studio-moretti.example"),
    ("Saoirse Byrne", "Chief Financial Officer", "Byrne Foods", "byrne-foods.example"),
)
#: How many only look; of them, one in so many takes the contact file.
_OTHERS, _TAKING = 28, 4


def visit(code: str) -> tuple[httpx.Response, bool]:
    """Have people scan a code; return the page that it leads to, and whether all left a card.

    Those who leave one fill in the form at the same time, so that it takes as long as one does.
    """
    with ExitStack() as stack:
        visitors = [stack.enter_context(_telephone()) for _ in _PEOPLE]
        pages = [visitor.get(code) for visitor in visitors]
        if not all(page.is_success for page in pages):
            return pages[0], False
        for visitor, page in zip(visitors, pages, strict=True):
            _take_file(visitor, page)
        left = _leave_cards(visitors, pages)
    for number in range(_OTHERS):
        with _telephone() as passer:
            page = passer.get(code)
            if page.is_success and number % _TAKING == 0:
                _take_file(passer, page)
    return pages[0], left


def _telephone() -> httpx.Client:
    return httpx.Client(headers={"User-Agent": _TELEPHONE}, follow_redirects=True, timeout=30)


def _take_file(visitor: httpx.Client, page: httpx.Response) -> None:
    visitor.get(f"{str(page.url).rstrip('/')}/card.vcf").raise_for_status()


def _leave_cards(visitors: Sequence[httpx.Client], pages: Sequence[httpx.Response]) -> bool:
    """Fill in the form of each page; return whether all were taken."""
    time.sleep(_TYPING)
    answers = [
        _leave_card(visitor, page, person)
        for visitor, page, person in zip(visitors, pages, _PEOPLE, strict=True)
    ]
    return all(answers)


def _leave_card(
    visitor: httpx.Client, page: httpx.Response, person: tuple[str, str, str, str]
) -> bool:
    consent = _CONSENT.search(page.text)
    action = _ACTION.search(page.text)
    if consent is None or action is None:
        return False
    name, title, organisation, domain = person
    form = dict(_HIDDEN.findall(page.text)) | {
        "consent": consent[1],
        "name": name,
        "email": f"{name.split()[0].lower().replace('í', 'i')}@{domain}",
        "organisation": organisation,
        "title": title,
        "note": "We spoke at the trade fair.",
    }
    return visitor.post(str(page.url.join(action[1])), data=form).is_success

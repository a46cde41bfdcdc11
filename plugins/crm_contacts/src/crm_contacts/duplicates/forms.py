"""Forms that only the search for duplicates needs: sounds, offices' mailboxes, companies."""

from __future__ import annotations

import re
from functools import lru_cache

from crm_contacts.normal_forms import folded

#: Local parts of addresses that several people read (RFC 2142, and what companies use besides).
_OFFICES = frozenset(
    """
    abuse accounting accounts admin administration billing booking bookings buero careers contact
    enquiries events feedback finance frontdesk hello help hostmaster hr info inquiries invoice
    invoices jobs kontakt legal mail marketing media newsletter noc noreply office orders post
    postmaster press privacy purchasing reception sales secretary security service services shop
    support team webmaster welcome
    """.split()
)
#: What companies are, rather than what they are called.
_COMPANY = frozenset(
    """
    ab ag aps as asa bv co company corp corporation gbr gmbh group holding inc incorporated kg kgaa
    limited llc llp ltd mbh nv oy oyj plc pte pty sa sarl sas se spa srl ug the und and
    """.split()
)
_TOKEN = re.compile(r"[^\W_]+")
_SAME = re.compile(r"(.)\1+")
#: Letters that are taken for one another in writing down what was heard.
_GROUPS = (
    ("ph", "f"), ("ck", "k"), ("sch", "s"), ("sh", "s"), ("ch", "k"), ("th", "t"), ("gh", "g"),
    ("wr", "r"), ("kn", "n"), ("qu", "k"), ("dt", "t"), ("tz", "s"),
)  # fmt: skip
_LETTERS = str.maketrans("cqzxdvwbmj", "kkssdffpng")
_VOWELS = str.maketrans("", "", "aeiouyh")
_SOUND = 4


@lru_cache(maxsize=65_536)
def sound_of(word: str) -> str:
    """Return a first letter and up to three consonants, alike for names that sound alike."""
    if not word or not word.isascii():
        return word[:_SOUND]
    text = word.replace(" ", "")
    for written, heard in _GROUPS:
        text = text.replace(written, heard)
    text = text.translate(_LETTERS)
    return (text[:1] + _SAME.sub(r"\1", text[1:].translate(_VOWELS)))[:_SOUND]


def is_shared_mailbox(email: str) -> bool:
    """Whether an address is that of an office rather than of somebody."""
    return email.partition("@")[0].rstrip("0123456789") in _OFFICES


@lru_cache(maxsize=16_384)
def organisation_form(name: str | None) -> str:
    """Return a company's name without its legal form."""
    words = _TOKEN.findall(folded(name).replace(".", ""))
    return " ".join([word for word in words if word not in _COMPANY] or words)

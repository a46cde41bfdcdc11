"""Contacts and cards of all kinds, for tests of every format that they are written in."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from plugins.crm_contacts.tests.test_card_writing import DRAFTS, LINES

from crm_contacts.contract import ContactDraft

#: Lines of properties for which JSContact has places of their own, in the forms that vary.
_NAMES = [
    *("PHOTO", "LOGO", "SOUND", "KEY", "IMPP", "SOCIALPROFILE", "LANG", "CATEGORIES", "MEMBER"),
    *("RELATED", "REV", "CREATED", "PRODID", "ANNIVERSARY", "DEATHDATE", "BDAY", "HOBBY", "SOURCE"),
    *("CONTACT-URI", "CALURI", "FBURL", "CALADRURI", "ORG-DIRECTORY", "EXPERTISE", "INTEREST"),
    *("NICKNAME", "TITLE", "ROLE", "ORG", "NOTE", "GENDER", "GEO", "TZ", "XML", "CLIENTPIDMAP"),
    *("TEL", "EMAIL", "URL", "ADR", "JSPROP", "UID", "KIND", "X-ABLabel"),
    *("X-MEISHI-POSITION", "ORG", "TITLE"),
]
_PARAMETERS = [
    *("", "", "", ";TYPE=work", ";TYPE=HOME,cell", ";PREF=1", ";PREF=50", ";MEDIATYPE=image/png"),
    *(
        ";VALUE=uri",
        ";VALUE=text",
        ";VALUE=date",
        ";VALUE=integer",
        ";VALUE=boolean",
        ";LEVEL=high",
    ),
    *(";SERVICE-TYPE=Mastodon", ";USERNAME=ada", ";TYPE=friend,met", ";LABEL=x", ";CC=SE", ";X=y"),
    *(";JSPTR=emails/e1/x", ";JSPTR=x", ";JSPTR=name/sortAs", ";JSPTR=a/b/c/d", ";LANGUAGE=de"),
    *(";X-MEISHI-LINE=TEL:1", ";VCARDPARAMS=1", ";VALUE=timestamp", ";INDEX=1", ";ALTID=1"),
]
_VALUES = [
    *("a", "", "a,b", "a;b", "a\\,b;c", "1985-04-12", "19850412", "--0412", "---12", "1985", "1,2"),
    *("1985-04", "19961022T140000Z", "1996-10-22T14:00:00Z", "T102200", "true", "12", "-0", " a "),
    *("https://example.org/a,b;c", "data:image/png;base64,AAEC", "urn:uuid:1", "{\\n}", '"x"'),
    *('{"a":[1\\,null]}', "xmpp:ada@example.org", "en", "\\\\", "00000000", "2025-13-40", "\x0b"),
    *("2019;;current;a;b;;;c", "2019-02;2020;;a;;;", ";;current;;;;x"),
]
_EXTENSIVE = st.builds(
    "{}{}{}:{}".format,
    st.sampled_from(["", "", "", "item1.", "ITEM1.", "item2."]),
    st.sampled_from(_NAMES),
    st.sampled_from(_PARAMETERS),
    st.sampled_from(_VALUES),
)

#: Lines of a card, a few of which say the same or stand in each other's way.
CARD_LINES = st.lists(_EXTENSIVE | LINES, max_size=9)

CONTACTS = DRAFTS


def in_any_order(draft: ContactDraft) -> ContactDraft:
    """Return a contact with its raw properties in an order that does not depend on theirs."""
    return replace(draft, raw=tuple(sorted(draft.raw, key=repr)))

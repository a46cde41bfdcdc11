"""The names of Outlook's columns in other languages, as its export dialogue writes them.

Only those that a field stands for. Alternatives of different versions stand between bars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm_contacts.tables.outlook_names import dutch, english, french, german, italian, spanish

#: By language, what an English name is called; English has the names of older versions.
LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "English": english.NAMES,
    "German": german.NAMES,
    "French": french.NAMES,
    "Spanish": spanish.NAMES,
    "Dutch": dutch.NAMES,
    "Italian": italian.NAMES,
}

"""Names of files that contacts are sent as."""

from __future__ import annotations

import re

#: What a file name keeps of a contact's name: letters and digits of any script, blanks, `.-`.
_NOT_IN_FILE_NAME = re.compile(r"[^\w .-]+")
_MAX_FILE_NAME = 80


def file_name(name: str) -> str:
    """Return the name of the file for a contact's card."""
    kept = " ".join(_NOT_IN_FILE_NAME.sub(" ", name).split())[:_MAX_FILE_NAME].strip(" .")
    return f"{kept or 'contact'}.vcf"

"""What older versions of Outlook call columns in English."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "Business Country/Region": "Business Country",
    "Home Country/Region": "Home Country",
    "Other Country/Region": "Other Country",
    "E-mail Address": "E-mail|Email Address",
    "E-mail 2 Address": "E-mail Address 2",
    "E-mail 3 Address": "E-mail Address 3",
}

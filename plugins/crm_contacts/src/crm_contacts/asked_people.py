"""Whether a list's query asks for a person who is to be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crm_contacts.contract import Phone
from crm_contacts.normal_forms import phone_parts
from meishi.sdk.contract import Condition

#: Fields whose values are ids, moments or words of ours; digits in them are nobody's number.
_NOBODY = frozenset(
    {
        "tag", "list", "segment", "kind", "deleted", "created_at", "updated_at", "consent_email",
        "consent_phone", "consent_sms", "consent_post",
    }
)  # fmt: skip
#: Digits of a number without its country that are enough to be that number.
_NATIONAL = 7


def ask_for(conditions: Iterable[Condition], texts: Sequence[str]) -> bool:
    """Whether one of the conditions names an address or a number, as a whole and in any case.

    A number is the same however it is parted, and without the code of its country.
    """
    named = [
        re.compile(rf"(?<![\w.+-]){re.escape(text.casefold())}(?![\w-]|\.\w)") for text in texts
    ]
    dialled = [_dialled(text) for text in texts]
    for item in conditions:
        if item.field in _NOBODY:
            continue
        if any(found.search(item.value.casefold()) for found in named):
            return True
        if item.field == "phone" and _is_one_of(_dialled(item.value), dialled):
            return True
    return False


def _dialled(text: str) -> str:
    return phone_parts(Phone(number=text))[0]


def _is_one_of(number: str, others: Sequence[str]) -> bool:
    bare = number.lstrip("+0")
    return len(bare) >= _NATIONAL and any(other.endswith(bare) for other in others)

"""Which contacts are meant: options in the words of the list of contacts in the web API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from marshmallow import ValidationError

from crm_contacts.schemas.contact_queries import ContactQuerySchema
from meishi.sdk.cli import OperatorError
from meishi.sdk.contract import ListQuery

#: What a list's query says that a file has no use for: it holds everything.
_OF_PAGES = ("after", "limit", "total")
_FILTER = re.compile(r"([^][=]+)\[([^][=]+)\]=(.*)", re.DOTALL)
#: Octets that are no UTF-8 come from a command line as halves of pairs.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_OPTIONS = {"q": "--search", "sort": "--sort"}
_CUSTOM = "Write custom.KEY[OPERATOR], with the key of the field and what its type compares by."
#: No message repeats more than this of what was written.
_SHOWN = 80


def wanted_contacts(
    filters: Sequence[str], *, search: str | None = None, sort: str | None = None
) -> ListQuery:
    """Return the query that options say; a filter is `FIELD[OPERATOR]=VALUE`."""
    asked: dict[str, str] = {}
    for written in filters:
        found = _FILTER.fullmatch(written)
        if found is None:
            raise OperatorError(
                f"{_quoted(written)} is no filter.",
                hint="Write FIELD[OPERATOR]=VALUE, for example 'organisation[prefix]=lind'.",
            )
        field, operator, value = found.groups()
        name = f"filter[{field}][{operator}]"
        if name in asked:
            raise OperatorError(
                f"--filter {_quoted(f'{field}[{operator}]')} is given more than once.",
                hint="All filters must hold; say each once.",
            )
        asked[name] = value
    asked |= {key: text for key, text in (("q", search), ("sort", sort)) if text is not None}
    if any(_NO_TEXT.search(text) for text in asked.values()):
        raise OperatorError(
            "There are characters in the query that no text has.",
            hint="Write it in the encoding of your terminal, which should be UTF-8.",
        )
    schema = ContactQuerySchema(exclude=_OF_PAGES)
    try:
        wanted: ListQuery = schema.load(asked)
    except ValidationError as error:
        raise _refused(error, schema.load_fields) from error
    return wanted


def _refused(error: ValidationError, fields: Iterable[str]) -> OperatorError:
    """Return what is wrong with the first of the options that are."""
    name, messages = next(iter(error.messages_dict.items()))
    said = " ".join(map(str, messages))
    if name in _OPTIONS:
        return OperatorError(f"{_OPTIONS[name]} is not understood.", hint=said)
    field, operator = name.removeprefix("filter[").removesuffix("]").split("][")
    option = _quoted(f"{field}[{operator}]")
    known = _known(fields)
    if field.startswith("custom."):
        return OperatorError(f"--filter {option}: {said}", hint=_CUSTOM)
    if operator in known.get(field, ()):
        return OperatorError(f"--filter {option}: {said}", hint="Give it another value.")
    if field in known:
        operators = ", ".join(f"{field}[{item}]" for item in known[field])
        return OperatorError(f"There is no filter {option}.", hint=f"There is: {operators}.")
    return OperatorError(
        f"There is no filter {option}.", hint=f"Filter by {', '.join(known)} or custom.KEY."
    )


def _known(fields: Iterable[str]) -> dict[str, list[str]]:
    """Return the operators of the fields that can be filtered by."""
    found: dict[str, list[str]] = {}
    for name in fields:
        if name.startswith("filter__"):
            field, operator = name.removeprefix("filter__").rsplit("__", 1)
            found.setdefault(field, []).append(operator)
    return found


def _quoted(written: str) -> str:
    return repr(written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…")

"""The form of a look: what somebody wants codes to look like, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from marshmallow import ValidationError

from meishi.sdk.context import service
from qr.contract import DEFAULT_LOOK, Codes, ImageFormat, Look, LookRefused
from qr.schemas import RenderQuerySchema

_NAMES = ("dark", "light", "quiet_zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForm:
    """A look as it was typed, and the one that is drawn: the usual one while that is refused.

    `suggested` is the query of a look that would pass, where there is one.
    """

    typed: Mapping[str, str]
    drawn: Look = DEFAULT_LOOK
    errors: Mapping[str, str] = field(default_factory=dict)
    suggested: str | None = None

    @property
    def query(self) -> str:
        """The look that is drawn, as the query of an image's address."""
        return look_query(self.drawn)


def is_look_asked(values: Mapping[str, str]) -> bool:
    """Whether an address asks for a look at all."""
    return any(name in values for name in _NAMES)


def read_look(values: Mapping[str, str], code_id: UUID) -> LookForm:
    """Return the look that an address asks for, held against one of the codes."""
    typed = {name: values.get(name, str(getattr(DEFAULT_LOOK, name))) for name in _NAMES}
    codes = service(Codes)
    try:
        look = Look(**RenderQuerySchema().load(typed))
        codes.image_tag(code_id, ImageFormat.SVG, look=look)
    except ValidationError as error:
        said = {name: " ".join(texts) for name, texts in error.messages_dict.items()}
        return LookForm(typed=typed, errors=said)
    except LookRefused as error:
        faults = {fault.pointer.rpartition("/")[2]: fault.message for fault in error.errors}
        better = codes.verify(code_id, look=look).suggested
        return LookForm(typed=typed, errors=faults, suggested=look_query(better))
    return LookForm(typed=typed, drawn=look)


def look_query(look: Look) -> str:
    """Return the query of a look."""
    return urlencode({name: getattr(look, name) for name in _NAMES})

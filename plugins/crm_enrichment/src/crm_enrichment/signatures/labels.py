"""What stands before a number and says what it is."""

from __future__ import annotations

import re
from enum import StrEnum


class Label(StrEnum):
    """What a number is said to be."""

    PHONE = "phone"
    FAX = "fax"
    OTHER = "other"


_FAX = (
    r"(?:tele)?fax(?:nummer| no| nr)?|fx|f|télécopie(?:ur)?|télécop|ファックス|ファクス|传真|faks"
)
_PHONE = (
    r"(?:tel|telefon|phone)\.?/(?:tele)?fax|(?:tele)?(?:phone|fon|fono|foon|fone|fono)s?(?:nummer)?|tel|tél|téléphone|teléfono|tlf|tfno|tlph"
    r"|puh|puhelin|t|p|ph|m|o|c|d|h|dd|ddi|mob|mobile?s?|móvil|mobiel|mobiltelefon|mobil|cell?|cellulare"
    r"|celular|handy|gsm|portable|port|fixe|office|büro|buero|work|home|direct|direkt|durchwahl|main"
    r"|switchboard|zentrale|toll[ -]free|pbx|call|whatsapp|signal|ligne directe|centralita|standard"
    r"|電話|携帯|直通|☎️?|📞|📱|✆"
)
_OTHER = (
    r"iban|bic|swift|hr[ab]|vat|ust(?:-?id(?:-?nr)?)?|steuer(?:nummer|-?nr)|siret|siren|rcs|tva"
    r"|p\.? ?iva"
    r"|c\.?f|kvk|btw|nip|regon|krs|abn|acn|reg|registered|registration|register|no|nr|number|invoice|ticket"
    r"|order|po|room|dx|konto|blz|ičo?|dič|cif|nif|rfc|version|rechnung|facture|factura|id|orcid"
    r"|pgp|gpg|fingerprint|key|gln|duns|eori|license|licence|sitz|amtsgericht|hours|isbn|zip|plz|box|postfach"
)
#: `Phone no. 7` is the number of a phone.
_COUNT = r"(?:\.?\s?(?:no|nr|number|nummer)\b)?"
_LABEL = re.compile(
    rf"(?<![^\W_])(?:(?P<other>{_OTHER})|(?P<fax>(?:{_FAX}){_COUNT})|(?P<phone>(?:{_PHONE}){_COUNT}))(?![^\W\d_])",
    re.IGNORECASE,
)
#: What may stand between a label and its number.
_BETWEEN = re.compile(r"[\s.:：/)(]*")
_SINGLE = 1


def label_before(text: str) -> tuple[Label | None, int]:
    """Return what the last label in a text says of the number behind it, and where it begins.

    Single letters count right before the number alone; without a label the end is returned.
    """
    for found in reversed(list(_LABEL.finditer(text))):
        adjacent = _BETWEEN.fullmatch(text, found.end()) is not None
        if len(found.group()) == _SINGLE and not adjacent:
            continue
        kind = Label(str(found.lastgroup))
        if kind is Label.OTHER and not adjacent and not _is_near(text, found.end()):
            continue
        return kind, found.start() if adjacent else len(text)
    return None, len(text)


def _is_near(text: str, end: int) -> bool:
    """Whether no more than a few words of the same segment stand between a label and a number."""
    return re.fullmatch(r"[^\w|·•]*(?:\w{1,12}(?:[^\w|·•]+|$)){0,4}", text[end:]) is not None

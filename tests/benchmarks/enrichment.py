"""Contacts per second and core about which the providers without a network find out.

In batches of 500 as the worker asks; processor time of this process alone, so that others on the
machine matter little. The first batch, which loads tables, is not counted. Findings are held
against their forms, as they are before anything is stored.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from uuid import UUID

from crm_enrichment.contract import Employer, Finding, Subject
from crm_enrichment.findings import sound_findings
from crm_enrichment.providers import PROVIDERS

SEED = 1842
CONTACTS = 4_000
BATCH = 500
ROUNDS = 5
TARGETS = {"contacts_per_second": 5_000.0}

TITLES = (
    "Chief Executive Officer", "Senior Software Engineer", "Vertriebsleiterin", "Gardener",
    "Directrice des ressources humaines", "Responsabile Acquisti", "Jefa de Marketing", None,
)  # fmt: skip
NUMBERS = ("+4670123{:04}", "+4917012{:05}", "+3360612{:04}", "+120255501{:02}", "070 12 {:04}")
HOSTS = ("gmail.com", "mail.firm-{}.co.uk", "firm-{}.example", "muenchner-firma-{}.de")


def subjects() -> list[Subject]:
    """Return the same contacts every time."""
    chance = random.Random(SEED)
    made = []
    for number in range(CONTACTS):
        host = chance.choice(HOSTS).format(number // 4)
        employer = Employer(domain=host, organisation=f"Firm {number // 4}", contacts=2)
        made.append(
            Subject(
                contact_id=UUID(int=number),
                name=f"Person {number}",
                title=chance.choice(TITLES),
                emails=(f"person{number}@{host}",),
                phones=(chance.choice(NUMBERS).format(number),),
                employers=(employer,) if number % 2 else (),
                default_region="SE",
            )
        )
    return made


def look_up(batch: tuple[Subject, ...]) -> list[Finding]:
    """Return what all providers find out about a batch."""
    return [
        finding
        for provider in PROVIDERS
        for finding in sound_findings(provider, batch, provider.lookup(batch))
    ]


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    everybody = subjects()
    batches = [tuple(everybody[start : start + BATCH]) for start in range(0, len(everybody), BATCH)]
    look_up(batches[0])
    rates, found = [], 0
    for _ in range(ROUNDS):
        begun = time.process_time()
        found = sum(len(look_up(batch)) for batch in batches)
        rates.append(CONTACTS / (time.process_time() - begun))
    rate = statistics.median(rates)
    figures = {
        "contacts": CONTACTS,
        "findings_per_contact": round(found / CONTACTS, 2),
        "contacts_per_second": round(rate),
        "ratio_to_target": round(rate / TARGETS["contacts_per_second"], 2),
    }
    holds = rate >= TARGETS["contacts_per_second"]
    document = {"benchmark": "enrichment", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()

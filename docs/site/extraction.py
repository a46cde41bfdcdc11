"""Writes into docs/extraction.md which plugins of this repository may run as services."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from meishi.extraction.examining import reasons
from meishi.extraction.reasons import Reason, Weight
from meishi.lifecycle.loading import load_plugins
from meishi.settings import FIRST_PARTY_PLUGINS, load_settings

BEGIN, END = "<!-- made by `make reference` -->\n", "<!-- end -->\n"


def table() -> Iterator[str]:
    """Yield the lines of the table, from what the code of the plugins says."""
    plugins = load_plugins(
        load_settings(environment={}, overrides={"plugins": FIRST_PARTY_PLUGINS})
    )
    assert not plugins.faults(), plugins.faults()
    yield "| plugin | as a service | what pins it | what is missed of it | to be known |\n"
    yield "|---|---|---|---|---|\n"
    for plugin in FIRST_PARTY_PLUGINS:
        found = list(reasons(plugins, plugin))
        cells = [_cell(found, weight) for weight in Weight]
        yield f"| `{plugin}` | {'no' if cells[0] else 'yes'} | {' | '.join(cells)} |\n"


def written(page: str) -> str:
    """Return the page with the table as it is now."""
    made = f"{BEGIN}\n{''.join(table())}\n{END}"
    found, number = re.subn(f"{BEGIN}.*{END}", lambda _: made, page, flags=re.DOTALL)
    assert number == 1, "the page has no place for the table"
    return found


def _cell(found: list[Reason], weight: Weight) -> str:
    said = (reason.message.replace("|", "\\|") for reason in found if reason.weight is weight)
    return "<br>".join(said)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")

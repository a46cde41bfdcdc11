"""The picture of the graph, and the tables that say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from flask import Response, request

from crm_graph import picture
from crm_graph.contract import Graph
from meishi.sdk.context import service
from meishi.sdk.pages import render

_LEGEND = 12
_DIGITS = 7
_TABLES: Mapping[str, tuple[Callable[[picture.Picture, str], Sequence[Any]], tuple[str, ...]]] = {
    "people": (picture.people, tuple(picture.PEOPLE_SORTS)),
    "ties": (picture.ties, tuple(picture.TIE_SORTS)),
}


def graph_page() -> Response:
    """Show the picture, and one of the tables below."""
    drawn = msgspec.json.decode(service(Graph).layout().body, type=picture.Picture)
    found = service(Graph).communities()
    table = request.args.get("table", "")
    table = table if table in _TABLES else "people"
    rows, sorts = _TABLES[table]
    sort = request.args.get("sort", "")
    sort = sort if sort in sorts else sorts[0]
    return render(
        "crm_graph/graph.html",
        drawn=drawn,
        communities=found.items[:_LEGEND],
        names={group.id: group.name for group in found.items},
        table=table,
        sorts=sorts,
        sort=sort,
        **_part(rows(drawn, sort)),
    )


def layout_file() -> Response:
    """Answer with what the picture is drawn from."""
    return Response(service(Graph).layout().body, content_type="application/json")


def _part(rows: Sequence[Any]) -> dict[str, Any]:
    """Return the rows of the page of the table that is asked for, and where others are."""
    wanted = request.args.get("page", "")
    last = max(1, -(-len(rows) // picture.ROWS))
    number = int(wanted) if wanted.isdecimal() and len(wanted) < _DIGITS else 1
    number = max(1, min(number, last))
    start = (number - 1) * picture.ROWS
    return {
        "rows": rows[start : start + picture.ROWS],
        "total": len(rows),
        "number": number,
        "last": last,
    }

"""The scan for duplicates on their page: asked for, followed, and stopped."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from flask import Response

from crm_contacts.contract import Duplicates
from meishi.core.operations.contract import Operation, OperationEnded, Operations, OperationState
from meishi.sdk.context import service
from meishi.sdk.pages import redirect

_PATH = "/contacts/duplicates"
_JOB = "crm_contacts.scan_duplicates"


def scan_duplicates() -> Response:
    """Have all contacts looked at anew; the page shows how far that is."""
    service(Duplicates).request_scan()
    return redirect(_PATH)


def stop_scan() -> Response:
    """Stop the scan that is under way; the next one goes on where it stopped."""
    found = _last()
    if found is not None:
        with suppress(OperationEnded):
            service(Operations).cancel(found.id)
    return redirect(_PATH)


def scan_values() -> dict[str, Any]:
    """Return what there is to say of the last scan."""
    found = _last()
    return {
        "scan": found,
        "scanning": found is not None and not found.state.final,
        "scanned": found is not None and found.state is OperationState.SUCCEEDED,
        "scan_result": json.loads(found.result) if found is not None and found.result else None,
    }


def _last() -> Operation | None:
    return next(iter(service(Operations).list(kind=_JOB, limit=1).items), None)

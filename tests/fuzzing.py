"""Fuzzing of the web API by its own OpenAPI document, in this process."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.settings import BootPolicy, load_settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import found_workspace

PATH = "/api/openapi.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check says against an answer, and how to send the request again."""

    operation: str
    check: str
    message: str
    request: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.check}\n{self.message}\n{self.request}"


@dataclass(slots=True)
class Report:
    """What was sent, and what was found."""

    requests: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, event: events.EngineEvent) -> None:
        """Note what an event of the engine tells."""
        if isinstance(event, events.ScenarioFinished):
            label = event.label or "sequences"
            self.requests[label] += len(event.recorder.interactions)
            self.findings.extend(_findings(label, event))
        elif isinstance(event, events.NonFatalError):
            self.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            self.errors.append(repr(event.exception))


#: What schemathesis hands to requests over a network, and cannot be told to a WSGI application.
_OF_NETWORKS = ("max_redirects", "verify", "cert", "proxies")

#: A valid value may name what is not there, or break a rule that no schema can say.
_RULES_OF_BUSINESS = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "503"]
#: A cursor is signed: whatever text a schema allows, it is none.
_FORGED = "400"
#: RFC 6585, which schemathesis does not count among the answers to a missing header.
_PRECONDITION = ["400", "401", "403", "404", "415", "422", "428"]
#: What does not fit a schema may be so long that nobody looks at it.
_REFUSED = ["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429"]


_send = WSGITransport.send


def _send_in_process(
    transport: WSGITransport, case: schemathesis.Case[Any], **kwargs: Any
) -> Response:
    """Send a request without what only a network understands."""
    for name in _OF_NETWORKS:
        kwargs.pop(name, None)
    return _send(transport, case, **kwargs)


schemathesis.serializer.alias(
    [
        *("application/csv", "application/vnd.ms-excel", "application/x-ndjson"),
        *("text/x-vcard", "text/directory"),
    ],
    "text/plain",
)


def operators_headers(host: Host) -> dict[str, str]:
    """Return the headers of who may do everything, in a workspace of their own."""
    workspace = found_workspace(host, "fuzz")
    with host.scope(workspace=workspace.id):
        token = host.calls.get(Tokens).issue(user_id=workspace.owner_id, name="fuzz", operator=True)
    return {"Authorization": f"Bearer {token.secret}"}


def fuzz(app: Flask, headers: dict[str, str], *, examples: int, seed: int) -> Report:
    """Send what the document allows, and what it does not, under all checks of schemathesis."""
    config = SchemathesisConfig.from_dict(_configuration(app, headers, examples, seed))
    schema = schemathesis.openapi.from_wsgi(PATH, app, config=config, headers=headers)
    report = Report()
    with patch.object(WSGITransport, "send", _send_in_process):
        for event in from_schema(schema).execute():
            report.add(event)
    return report


def _findings(label: str, event: events.ScenarioFinished) -> Iterator[Finding]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info
                yield Finding(
                    operation=label,
                    check=check.name,
                    message=f"{failure.failure.title}: {failure.failure.message}",
                    request=failure.code_sample,
                )


#: Parameters that no schema describes: texts that were given out. For `If-Match` where it is not
#: required, schemathesis takes texts that its pattern does not allow; elsewhere it is shared.
_HANDED_BACK = ("after", "since", "If-Match")


def _configuration(app: Flask, headers: dict[str, str], examples: int, seed: int) -> dict[str, Any]:
    """Return what schemathesis reads from a file: how much is sent, and what may be answered."""
    document: Any = app.test_client().get(PATH, headers=headers).json
    paged = [
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
        and any(given.get("name") in _HANDED_BACK for given in operation.get("parameters", ()))
    ]
    return {
        "seed": seed,
        "headers": headers,
        "continue-on-failure": True,
        "generation": {"max-examples": examples},
        "checks": _expecting(_RULES_OF_BUSINESS),
        "operations": [
            {
                "include-operation-id": paged,
                "checks": _expecting([*_RULES_OF_BUSINESS, _FORGED]),
            }
        ],
    }


def _expecting(statuses: list[str]) -> dict[str, Any]:
    return {
        "positive_data_acceptance": {"expected-statuses": statuses},
        "negative_data_rejection": {"expected-statuses": _REFUSED},
        "missing_required_header": {"expected-statuses": _PRECONDITION},
    }


def main() -> int:
    """Fuzz for long, on a database of its own, and print each kind of finding once."""
    parser = argparse.ArgumentParser("make fuzz", description=main.__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each operation")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    asked = parser.parse_args()
    again = f'make fuzz ARGS="--examples {asked.examples} --seed {asked.seed}"'
    print(f"Fuzzing; to send the same again: {again}")
    with TemporaryDirectory(prefix="meishi-fuzz-") as folder, application(Path(folder)) as found:
        report = fuzz(*found, examples=asked.examples, seed=asked.seed)
    kinds = {(item.operation, item.check, item.message[:80]): item for item in report.findings}
    for told in (*kinds.values(), *report.errors):
        print(f"\n{told}")
    print(f"\n{sum(report.requests.values())} requests, {len(kinds)} findings: {again}")
    return 1 if kinds or report.errors else 0


@contextmanager
def application(folder: Path) -> Iterator[tuple[Flask, dict[str, str]]]:
    """Yield an application with a workspace, and the headers of its owner."""
    settings = load_settings(
        overrides={
            "home": str(folder),
            "deployment": "fuzz",
            "boot_policy": BootPolicy.STRICT,
            "rate_limit_per_minute": 0,
            "rate_limit_workspace_per_minute": 0,
            "rate_limit_address_per_minute": 0,
            "rate_limit_forms_per_minute": 0,
        }
    )
    with (
        EmbeddedPostgres(folder, durable=False) as server,
        TestDatabases(server, settings).clone() as location,
    ):
        app = create_app(settings, location=location)
        yield app, operators_headers(app.extensions["meishi"])
        app.extensions["meishi"].close()


if __name__ == "__main__":
    sys.exit(main())

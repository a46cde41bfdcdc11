"""Fuzzing of the web API by its own OpenAPI document, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

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


#: What schemathesis hands to requests over a network, and cannot be told to a WSGI application.
_OF_NETWORKS = ("max_redirects", "verify", "cert", "proxies")

#: A valid value may name what is not there, or break a rule that no schema can say.
_RULES_OF_BUSINESS = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "503"]
#: A cursor is signed: whatever text a schema allows, it is none.
_FORGED = "400"
#: RFC 6585, which schemathesis does not count among the answers to a missing header.
_PRECONDITION = ["400", "401", "403", "404", "415", "422", "428"]


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, _case: schemathesis.Case, kwargs: Any) -> None:
    """Take away what only a network understands."""
    for name in _OF_NETWORKS:
        kwargs.pop(name, None)


schemathesis.serializer.alias(
    ["application/csv", "application/vnd.ms-excel", "text/x-vcard", "text/directory"], "text/plain"
)


def fuzz(app: Flask, headers: dict[str, str], *, examples: int, seed: int) -> Report:
    """Send what the document allows, and what it does not, under all checks of schemathesis."""
    config = SchemathesisConfig.from_dict(_configuration(app, headers, examples, seed))
    schema = schemathesis.openapi.from_wsgi(PATH, app, config=config, headers=headers)
    report = Report()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            label = event.label or "sequences"
            report.requests[label] += len(event.recorder.interactions)
            report.findings.extend(_findings(label, event))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            report.errors.append(f"{getattr(event, 'label', '')}: {event!r}")
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


def _configuration(app: Flask, headers: dict[str, str], examples: int, seed: int) -> dict[str, Any]:
    """Return what schemathesis reads from a file: how much is sent, and what may be answered."""
    document: Any = app.test_client().get(PATH, headers=headers).json
    paged = [
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
        and any(given.get("name") == "after" for given in operation.get("parameters", ()))
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
        "missing_required_header": {"expected-statuses": _PRECONDITION},
    }

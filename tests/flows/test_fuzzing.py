from __future__ import annotations

import pytest
from flask import Flask
from tests.fuzzing import fuzz, operators_headers

pytestmark = [pytest.mark.once, pytest.mark.long]

SEED = 1
EXAMPLES = 2


# Schemathesis does not close the responses that it has read, as servers do.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_the_web_api_does_what_its_document_says(app: Flask) -> None:
    """No request, allowed or not, ends in a server error or in an answer that is not described.

    Every operation of the document is reached, under every check of schemathesis.
    """
    headers = operators_headers(app.extensions["meishi"])
    report = fuzz(app, headers, examples=EXAMPLES, seed=SEED)
    assert not report.errors
    assert not [str(finding) for finding in report.findings]
    document = app.test_client().get("/api/openapi.json").json
    assert document is not None
    names = {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert names <= report.requests.keys()

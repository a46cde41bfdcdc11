"""The language model of the deployment: an endpoint, or one in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_enrichment.contract import EndpointFailed, ModelMissing
from crm_enrichment.language_model import Ask, Model, UnusableAnswer
from crm_enrichment.local_model import LocalModel, LocalModelMissing
from meishi.sdk import outgoing

#: Octets of an answer: many times what a model is allowed to write.
_MAX_ANSWER = 256 * 1024
_OK = 200
_ATTEMPTS = 3
_LOCAL = "local"


def is_configured(settings: Mapping[str, Any]) -> bool:
    """Whether there is a model to ask."""
    return bool(settings["model_url"] or settings["local_model"])


def model_of(settings: Mapping[str, Any]) -> Model:
    """Return which model is asked."""
    return Model(name=settings["model_name"] or _LOCAL, max_tokens=settings["model_max_tokens"])


def asking(settings: Mapping[str, Any], local: LocalModel) -> Ask:
    """Return what sends a question to the model and gives its answer back.

    It raises `EndpointFailed` where the model cannot be reached or gives no answer, and
    `ModelMissing` where its address is refused or it is not installed, however often one asks.

    :raises ModelMissing: if there is no model
    """
    if not is_configured(settings):
        raise ModelMissing("No language model is set up: ask the operator to set `model_url`.")

    def ask(question: bytes) -> bytes:
        try:
            return _asked(settings, question) if settings["model_url"] else local.ask(question)
        except (outgoing.AddressRefused, LocalModelMissing) as error:
            raise ModelMissing(f"The language model cannot be asked: {error}") from error
        except (outgoing.OutgoingError, UnusableAnswer) as error:
            raise EndpointFailed(str(error)) from error

    return ask


def _asked(settings: Mapping[str, Any], question: bytes) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if settings["model_key"]:
        headers["Authorization"] = f"Bearer {settings['model_key']}"
    answer = outgoing.send(
        outgoing.OutgoingRequest(
            url=f"{settings['model_url'].rstrip('/')}/chat/completions",
            method="POST",
            headers=headers,
            body=question,
            seconds=settings["model_seconds"],
            max_bytes=_MAX_ANSWER,
            attempts=_ATTEMPTS,
        ),
        setting="model_url",
    )
    if answer.status != _OK:
        raise UnusableAnswer(f"The language model answered with status {answer.status}.")
    return answer.body

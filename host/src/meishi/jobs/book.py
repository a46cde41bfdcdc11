"""The jobs that active plugins declare, and what their arguments are."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from meishi.declarations import Job, JobScope

#: A key that is longer stands in a lock as its digest.
_LONGEST_KEY = 100


class UnknownJob(LookupError):
    """A plugin asked for a job that it does not declare."""


class UnfitArguments(TypeError):
    """Arguments do not fit the job that was asked for."""


@dataclass(frozen=True)
class DeclaredJob:
    """A job of an active plugin; `name` and `queue` carry the plugin's name."""

    plugin: str
    declared: Job

    @property
    def name(self) -> str:
        """The full name, under which it is queued."""
        return f"{self.plugin}.{self.declared.name}"

    @property
    def queue(self) -> str:
        """The full name of its queue."""
        return f"{self.plugin}.{self.declared.queue}"

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.declared.run)

    @cached_property
    def _decoders(self) -> dict[str, msgspec.json.Decoder[Any]]:
        hints = get_type_hints(self.declared.run)
        return {name: msgspec.json.Decoder(type=hints[name]) for name in self._signature.parameters}

    def encode(self, arguments: Mapping[str, Any]) -> str:
        """Return arguments as JSON text, those that were left out left out.

        :raises UnfitArguments: if the job cannot be called with them
        """
        try:
            self._signature.bind(**arguments)
            text = msgspec.json.encode(arguments)
            self.decode(text)
        except (TypeError, msgspec.MsgspecError) as error:
            raise UnfitArguments(f"{self.name}: {error}") from error
        return text.decode()

    def decode(self, text: bytes | str) -> dict[str, Any]:
        """Return arguments as new objects of the types that the job declares."""
        raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        self._signature.bind(**raw)
        return {name: self._decoders[name].decode(value) for name, value in raw.items()}

    def lock(self, workspace: UUID | None, text: bytes | str) -> str | None:
        """Return what is equal for jobs that run one at a time; None for one that waits for none.

        A job with a schedule never overlaps with itself, whoever asked for it.
        """
        if self.declared.schedule is not None:
            return f"{self.name}/{workspace or ''}"
        if self.declared.key is None:
            return None
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).get(self.declared.key)
        key = "" if found is None else bytes(found).decode()
        if len(key) > _LONGEST_KEY:
            key = hashlib.sha256(key.encode()).hexdigest()
        return f"{self.name}/{workspace or ''}/{key}"


class JobBook:
    """The declared jobs of all active plugins, by their full names."""

    def __init__(self, declared: Iterable[tuple[str, Job]]) -> None:
        jobs = (DeclaredJob(plugin, job) for plugin, job in declared)
        self._jobs = {job.name: job for job in jobs}

    def __iter__(self) -> Iterator[DeclaredJob]:
        return iter(self._jobs.values())

    def get(self, name: str) -> DeclaredJob | None:
        """Return a job by its full name, None if no active plugin has it."""
        return self._jobs.get(name)

    def own(self, plugin: str, name: str) -> DeclaredJob:
        """Return a plugin's own job.

        :raises UnknownJob: if the plugin declares none of that name
        """
        found = self._jobs.get(f"{plugin}.{name}")
        if found is None:
            names = [job.declared.name for job in self if job.plugin == plugin]
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "return it from the hook `jobs`"
            raise UnknownJob(f"{plugin} declares no job {name!r}; {hint}")
        return found

    def queues(self, wanted: Iterable[str] = ()) -> list[str]:
        """Return the queues of active plugins, sorted; of those only the wanted, if any are named.

        A queue is wanted by its full name, or all of a plugin's by `<plugin>.*`.
        """
        names = {job.queue for job in self}
        chosen = tuple(wanted)
        if chosen:
            names = {
                name for name in names if name in chosen or f"{name.partition('.')[0]}.*" in chosen
            }
        return sorted(names)

    def scheduled(self) -> Iterator[DeclaredJob]:
        """Yield the jobs that have a schedule."""
        return (job for job in self if job.declared.schedule is not None)


def is_fanned_out(job: DeclaredJob) -> bool:
    """Whether a tick of a schedule means one job in every workspace."""
    return job.declared.scope is JobScope.WORKSPACE

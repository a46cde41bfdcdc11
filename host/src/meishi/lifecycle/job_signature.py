"""How a job is called: by names, with values that a queue can remember as JSON."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

from meishi.calls.rules import crossing_faults
from meishi.declarations import Job


def job_faults(declared: Job) -> Iterator[str]:
    """Yield what keeps a job from being called by what is remembered of its request."""
    run = declared.run
    if inspect.iscoroutinefunction(run):
        yield "`run` is asynchronous"
        return
    try:
        parameters, hints = inspect.signature(run).parameters, get_type_hints(run)
    except (TypeError, ValueError, NameError) as error:
        yield f"`run` does not tell its parameters: {error}"
        return
    for name, parameter in parameters.items():
        for fault in _parameter_faults(parameter, hints):
            yield f"`run`: {name} {fault}"
    if declared.key is not None and declared.key not in parameters:
        yield f"`key` names {declared.key!r}, which `run` does not take"
    if declared.schedule is not None:
        needed = [name for name, item in parameters.items() if item.default is item.empty]
        if needed:
            yield f"`schedule` calls `run` without arguments, but it needs {', '.join(needed)}"


def _parameter_faults(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Iterator[str]:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        yield "stands for any number of arguments"
    elif parameter.kind is parameter.POSITIONAL_ONLY:
        yield "cannot be given by its name"
    elif parameter.name not in hints:
        yield "has no type"
    else:
        for fault in crossing_faults(hints[parameter.name]):
            yield f"has a type that a queue cannot remember: {fault}"

"""A call of a service that runs in this process: straight, or encoded as if it ran elsewhere."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from meishi.calls.codec import CallCodec
from meishi.calls.failures import CallFailed
from meishi.calls.rules import ContractMethod
from meishi.context import current_scope, enter_scope
from meishi.sdk.contract import CallKind, EventVetoed


@dataclass(frozen=True, slots=True)
class LocalCall:
    """One method of one service, ready to be called."""

    plugin: str
    protocol: type
    method: ContractMethod
    codec: CallCodec

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the implementation of the current unit of work under its owner's rights."""
        try:
            return self._call(args, kwargs, alone=self.method.rule.kind is CallKind.QUERY)
        except self._passing:
            raise
        except (Exception, SystemExit) as error:
            raise CallFailed(self.plugin, self.method.name) from error

    def run_encoded(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Do the same as a remote call would: by value, and in a transaction of its own."""
        try:
            document = self.codec.encode_arguments(args, kwargs)
            return self.codec.decode_result(self._answer(document))
        except self.method.rule.errors as error:
            raise self.codec.decode_error(self.codec.encode_error(error)) from error
        except self._passing:
            raise
        except (Exception, SystemExit) as error:
            raise CallFailed(self.plugin, self.method.name) from error

    def run_asked(self, document: bytes) -> bytes:
        """Do what another process asks for; the current unit of work is there for that alone.

        :raises CallMismatch: if its contract is another one
        """
        arguments = self.codec.decode_arguments(document)
        try:
            return self.codec.encode_result(self._call((), arguments, alone=True))
        except self._passing:
            raise
        except (Exception, SystemExit) as error:
            raise CallFailed(self.plugin, self.method.name) from error

    @property
    def _passing(self) -> tuple[type[Exception], ...]:
        """What reaches the caller as itself."""
        return (*self.method.rule.errors, EventVetoed, CallFailed)

    def _answer(self, document: bytes) -> bytes:
        """Do what the side that is called would do; what it cannot encode is not kept.

        A plugin that calls itself is on that side: an event handler's effects stay in the
        transaction of its delivery.
        """
        atomic = self.method.rule.kind is CallKind.ATOMIC
        own = not atomic and current_scope().work.running != self.plugin
        with enter_scope(current_scope().aside()) if own else nullcontext():
            result = self._call(
                (),
                self.codec.decode_arguments(document),
                alone=own or self.method.rule.kind is CallKind.QUERY,
            )
            return self.codec.encode_result(result)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, alone: bool) -> Any:
        """Call the implementation; one that raises leaves nothing, as if it ran elsewhere.

        `alone` says that there is nothing else in the transaction, or nothing to leave.
        """
        work = current_scope().work
        with work.entered(self.plugin):
            implementation = getattr(work.services.get(self.protocol), self.method.name)
            if alone:
                return implementation(*args, **kwargs)
            with work.savepoint():
                return implementation(*args, **kwargs)

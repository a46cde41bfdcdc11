"""A call of a service that runs elsewhere, as far as both sides' contract goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from meishi.calls.codec import CallCodec
from meishi.calls.failures import CallFailed
from meishi.calls.rules import ContractMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class CallName:
    """What two processes call the same method of a contract."""

    plugin: str
    protocol: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service has answered: a result, or one of the errors that its contract declares."""

    document: bytes
    is_error: bool = False


class Elsewhere(Protocol):
    """The way to a process in which other plugins run."""

    def call(self, name: CallName, method: ContractMethod, document: bytes) -> Answer:
        """Have a method called for who acts in the current scope.

        :raises CallFailed: if there is no answer
        """
        ...

    def unreadable(self, name: CallName, method: ContractMethod, error: Exception) -> CallFailed:
        """Return what to raise for an answer that does not fit the contract."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteCall:
    """One method of a service that runs elsewhere, ready to be called."""

    way: Elsewhere
    name: CallName
    method: ContractMethod
    codec: CallCodec

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have the method called over there, and return its result or raise its error."""
        try:
            document = self.codec.encode_arguments(args, kwargs)
        except Exception as error:
            raise CallFailed(self.name.plugin, self.name.method) from error
        answer = self.way.call(self.name, self.method, document)
        try:
            if not answer.is_error:
                return self.codec.decode_result(answer.document)
            declared = self.codec.decode_error(answer.document)
        except ValueError as error:
            raise self.way.unreadable(self.name, self.method, error) from error
        raise declared

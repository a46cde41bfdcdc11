"""Encoding a call: arguments, result and declared errors as JSON by their declared types."""

from __future__ import annotations

from typing import Any

import msgspec

from meishi.calls.rules import ContractMethod
from meishi.sdk.contract import DomainError, EventVetoed, FieldError


class _ErrorDocument(msgspec.Struct, frozen=True):
    code: str
    detail: str
    errors: tuple[FieldError, ...]


class CallMismatch(ValueError):
    """A document does not fit the method that it is for: the two sides have other contracts."""


class CallCodec:
    """Turns one method's calls into bytes and back; both sides need only the contract."""

    def __init__(self, method: ContractMethod) -> None:
        self._signature = method.signature
        self._arguments = {
            name: msgspec.json.Decoder(type=kind) for name, kind in method.parameters.items()
        }
        self._result = msgspec.json.Decoder(type=method.result)
        # What any method may end with is at nobody's expense: a declared code comes first.
        possible: tuple[type[DomainError], ...] = (EventVetoed, *method.rule.errors)
        self._errors = {error.code: error for error in possible}

    def encode_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        """Encode a call's arguments by name; those left out stay out."""
        bound = self._signature.bind(None, *args, **kwargs)
        _, *given = bound.arguments.items()
        return msgspec.json.encode({name: msgspec.Raw(_encode(value)) for name, value in given})

    def decode_arguments(self, document: bytes) -> dict[str, Any]:
        """Return the arguments as new objects of their declared types.

        :raises CallMismatch: if they are not those of the method
        """
        try:
            raw = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
            found = {name: self._arguments[name].decode(value) for name, value in raw.items()}
            self._signature.bind(None, **found)
        except KeyError as error:
            raise CallMismatch(f"there is no argument {error}") from error
        except (msgspec.MsgspecError, TypeError) as error:
            raise CallMismatch(str(error)) from error
        return found

    def encode_result(self, result: Any) -> bytes:
        """Encode what the method returned."""
        return _encode(result)

    def decode_result(self, document: bytes) -> Any:
        """Return the result as new objects of the declared type."""
        return self._result.decode(document)

    def encode_error(self, error: DomainError) -> bytes:
        """Encode a declared error; one of a subclass goes as what was declared."""
        codes = {kind: code for code, kind in self._errors.items()}
        code = next(codes[kind] for kind in type(error).__mro__ if kind in codes)
        return _encode(_ErrorDocument(code, error.detail, error.errors))

    def decode_error(self, document: bytes) -> DomainError:
        """Return a declared error as an instance of its own class.

        :raises CallMismatch: if the method declares none of the kind
        """
        try:
            found = msgspec.json.decode(document, type=_ErrorDocument)
            return self._errors[found.code](found.detail, errors=found.errors)
        except (msgspec.MsgspecError, KeyError) as error:
            raise CallMismatch(f"an error that is not declared: {error}") from error


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value)

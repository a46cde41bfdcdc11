"""Short texts that callers are given to hand back, and can neither read into nor forge."""

from __future__ import annotations

from meishi.context import current_scope
from meishi.signing import ForgedText

__all__ = ["ForgedText", "read_signed", "sign"]


def sign(purpose: str, content: bytes) -> str:
    """Return the content as text that may stand in an address or a form, with its signature.

    It can be read by everybody, and is good for the running plugin, the current workspace and
    the `purpose` alone.
    """
    return current_scope().host.signer.sign(_full(purpose), content)


def read_signed(purpose: str, text: str) -> bytes:
    """Return the content of a text that was signed here for the same purpose.

    :raises ForgedText: for any other text
    """
    return current_scope().host.signer.read(_full(purpose), text)


def _full(purpose: str) -> str:
    scope = current_scope()
    return f"{scope.work.plugin}/{scope.workspace_id or ''}/{purpose}"

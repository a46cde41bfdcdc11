"""Signed texts: what callers are given to hand back, and can neither read into nor forge."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b, sha256

#: Octets of a signature: as many as nobody guesses, and as few as an address should carry.
_SIGNATURE = 16

#: Octets of a deployment's key.
KEY_BYTES = 32


class ForgedText(ValueError):
    """A text was not signed by this deployment, or for another purpose."""


class Signer:
    """Signs short texts with the deployment's key.

    `purpose` says what a text is for, workspace included where it belongs to one: a text that was
    signed for another purpose is as good as a forged one.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, purpose: str, content: bytes) -> str:
        """Return the content as text that may stand in an address, with its signature."""
        signed = content + self._signature(purpose, content)
        return urlsafe_b64encode(signed).rstrip(b"=").decode()

    def read(self, purpose: str, text: str) -> bytes:
        """Return the content of a signed text; raise `ForgedText` for any other."""
        try:
            octets = urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}".encode("ascii"))
        except ValueError as error:
            raise ForgedText("this is no signed text") from error
        content, signature = octets[:-_SIGNATURE], octets[-_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(purpose, content)):
            raise ForgedText("the signature is another one")
        if self.sign(purpose, content) != text:
            raise ForgedText("the text is written otherwise than it was signed")
        return content

    def digest(self, purpose: str, content: bytes) -> bytes:
        """Return 32 octets by which the same content is known again, and from which it is not told.

        Who does not have the key cannot try contents out.
        """
        name = purpose.encode()
        return hmac.digest(self._key, len(name).to_bytes(4) + name + content, sha256)

    def _signature(self, purpose: str, content: bytes) -> bytes:
        name = purpose.encode()
        return blake2b(
            len(name).to_bytes(4) + name + content, key=self._key, digest_size=_SIGNATURE
        ).digest()

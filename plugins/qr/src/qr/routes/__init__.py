"""The web API of the QR generator: parse, call the contract, serialise."""

from qr.routes import cards, codes, exchanges, images
from qr.routes.blueprint import blueprint

__all__ = ["blueprint", "cards", "codes", "exchanges", "images"]

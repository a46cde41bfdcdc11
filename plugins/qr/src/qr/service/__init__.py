"""The QR generator's rules."""

from qr.service.cards import CardService
from qr.service.codes import CodeService
from qr.service.exchanges import ExchangeService
from qr.service.public import PublicCardService

__all__ = ["CardService", "CodeService", "ExchangeService", "PublicCardService"]

"""Meishi, the host of a platform for QR contact cards."""

__version__ = "0.1.0"

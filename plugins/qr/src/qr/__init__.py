"""The QR generator of Meishi: codes of contacts."""

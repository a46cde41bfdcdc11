"""The web API of the viral engine: parse, call the contract, serialise."""

from crm_viral.routes import links, programmes, results
from crm_viral.routes.blueprint import blueprint

__all__ = ["blueprint", "links", "programmes", "results"]

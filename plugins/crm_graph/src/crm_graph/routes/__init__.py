"""The web API of the social graph: parse, call the contract, serialise."""

from crm_graph.routes import people, ties, whole
from crm_graph.routes.blueprint import blueprint

__all__ = ["blueprint", "people", "ties", "whole"]

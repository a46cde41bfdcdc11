"""The social graph's contract: the only module of this package that others may import."""

from crm_graph.contract.answers import (
    Community,
    CommunityList,
    Path,
    Person,
    Recommendation,
    Tie,
    TieParts,
    TieReason,
)
from crm_graph.contract.errors import (
    GraphTooLarge,
    InvalidGraphQuery,
    NodeNotFound,
    OrganisationNotFound,
    OwnContactMissing,
    TieNotFound,
    UnknownTieSource,
)
from crm_graph.contract.events import TiesFound, TiesStrengthened
from crm_graph.contract.evidence import Evidence, EvidencePage, TieSource
from crm_graph.contract.services import Drawings, Graph, Ties

__all__ = [
    "Community",
    "CommunityList",
    "Drawings",
    "Evidence",
    "EvidencePage",
    "Graph",
    "GraphTooLarge",
    "InvalidGraphQuery",
    "NodeNotFound",
    "OrganisationNotFound",
    "OwnContactMissing",
    "Path",
    "Person",
    "Recommendation",
    "Tie",
    "TieNotFound",
    "TieParts",
    "TieReason",
    "TieSource",
    "Ties",
    "TiesFound",
    "TiesStrengthened",
    "UnknownTieSource",
]

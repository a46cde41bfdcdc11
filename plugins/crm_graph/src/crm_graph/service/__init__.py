"""The social graph's rules."""

from crm_graph.service.drawing import DrawingService
from crm_graph.service.graph import GraphService
from crm_graph.service.ties import TieService

__all__ = ["DrawingService", "GraphService", "TieService"]

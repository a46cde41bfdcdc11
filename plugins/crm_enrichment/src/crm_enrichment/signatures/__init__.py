"""Reading signatures, cards and notes without a model: who it is, and how they are reached."""

from crm_enrichment.signatures.passage import Part, Passage
from crm_enrichment.signatures.reading import read_signature

__all__ = ["Part", "Passage", "read_signature"]

"""The enrichment service's contract: the only module of this package that others may import."""

from crm_enrichment.contract.fields import (
    CONTACT_FIELDS,
    LIST_FIELDS,
    Field,
    Input,
    Method,
)
from crm_enrichment.contract.providers import (
    Employer,
    Finding,
    Provider,
    Subject,
)

__all__ = [
    "CONTACT_FIELDS",
    "LIST_FIELDS",
    "Employer",
    "Field",
    "Finding",
    "Input",
    "Method",
    "Provider",
    "Subject",
]

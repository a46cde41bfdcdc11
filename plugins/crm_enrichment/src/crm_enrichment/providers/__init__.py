"""Who finds out about contacts without asking anybody outside."""

from crm_enrichment.providers.email import EMAIL
from crm_enrichment.providers.phone import PHONE
from crm_enrichment.providers.title import TITLE

PROVIDERS = (EMAIL, PHONE, TITLE)

__all__ = ["EMAIL", "PHONE", "PROVIDERS", "TITLE"]

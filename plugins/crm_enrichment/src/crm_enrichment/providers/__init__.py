"""Who finds out about contacts without asking anybody outside."""

from crm_enrichment.providers.email import EMAIL
from crm_enrichment.providers.phone import PHONE
from crm_enrichment.providers.signature import SIGNATURE
from crm_enrichment.providers.title import TITLE

PROVIDERS = (EMAIL, PHONE, TITLE, SIGNATURE)

__all__ = ["EMAIL", "PHONE", "PROVIDERS", "SIGNATURE", "TITLE"]

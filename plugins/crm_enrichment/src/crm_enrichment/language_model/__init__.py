"""Reading a text with a language model: it quotes, and what it quotes is held against the text."""

from crm_enrichment.language_model.answer import UnusableAnswer
from crm_enrichment.language_model.question import Model
from crm_enrichment.language_model.reading import Ask, combined, read_with_model

__all__ = ["Ask", "Model", "UnusableAnswer", "combined", "read_with_model"]

"""The enrichment service of Meishi: proposals of what else is known about a contact."""

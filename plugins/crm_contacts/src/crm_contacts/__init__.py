"""The contact service of Meishi: people and organisations."""

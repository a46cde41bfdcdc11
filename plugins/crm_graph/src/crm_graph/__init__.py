"""The social graph: ties between contacts, and what they tell."""

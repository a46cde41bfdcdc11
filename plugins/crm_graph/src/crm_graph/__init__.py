"""The social graph service of Meishi: ties between contacts and what they tell."""

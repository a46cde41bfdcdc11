"""The doctor: looks at a deployment for what is out of order, and says what mends it."""

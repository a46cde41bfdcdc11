"""The viral engine of Meishi: invitations, attribution and rewards."""

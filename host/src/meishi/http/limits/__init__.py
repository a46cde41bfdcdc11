"""What one caller may ask of the web API: how often, how long, how deep."""

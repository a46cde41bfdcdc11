"""How plugins are: the checks and the numbers that they declare, asked for and told."""

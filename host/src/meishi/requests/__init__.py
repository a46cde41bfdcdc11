"""What the host remembers of requests: keys under which they may be repeated, and allowances."""

"""Hook implementations of the social graph service: this version supplies none."""

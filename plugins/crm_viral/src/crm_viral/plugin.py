"""Hook implementations of the viral engine: this version supplies none."""

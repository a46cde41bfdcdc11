"""Events: declared types, signals inside the transaction and the durable log."""

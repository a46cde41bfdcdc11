"""A new plugin: a package with every module of the pattern, whose tests pass at once."""

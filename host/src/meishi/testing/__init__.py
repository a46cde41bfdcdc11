"""What plugin authors test with: a pytest plugin, and checks of a package's boundaries."""

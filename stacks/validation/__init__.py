"""Checks of an environment file beyond its types."""

"""Operators of the platform, how each is installed, and what each needs first."""

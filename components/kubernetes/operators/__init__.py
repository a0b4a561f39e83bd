"""Operators of the platform, their installation and their prerequisites."""

"""Simulated clouds and `make preview`: plans without an account."""

"""Measurement of a language model on held-out text."""

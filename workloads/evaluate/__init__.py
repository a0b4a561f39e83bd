"""Measuring a language model on held-out text."""

"""Counts of the house rules: plain English, short files, imports at the top. `python -m tools.house` prints them."""

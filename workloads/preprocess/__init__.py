"""Data on its way to a workload: where it is, and how it is made ready."""

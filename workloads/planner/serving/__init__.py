"""Memory and splits of serving."""

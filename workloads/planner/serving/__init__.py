"""Memory and placement of serving."""

"""GPUs and the instance types that carry them: what they have, and what they cost where."""

"""Storage: buckets for models and checkpoints, kept when their stack is destroyed."""

"""Pages of docs/ that are generated from the code: `python -m tools.documentation` writes them all."""

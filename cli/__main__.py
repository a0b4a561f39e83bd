"""`python -m modelyard.cli`."""

from modelyard.cli.main import main

main()

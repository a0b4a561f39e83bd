"""`python -m modelyard.policies.rules --markdown`: write docs/policies.md's text to standard output."""

import argparse
import sys

from .documentation import markdown


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(
        prog="python -m modelyard.policies.rules", description="What the policy pack demands."
    )
    parser.add_argument("--markdown", action="store_true", required=True, help="the page docs/policies.md")
    parser.parse_args()
    sys.stdout.write(markdown())


if __name__ == "__main__":
    main()

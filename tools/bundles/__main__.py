"""`python -m tools.bundles`: render the operators' bundles and charts into `.local/bundles/`."""

import argparse
import sys

from tools.bundles.render import RenderError, render_all
from tools.bundles.sources import SourceError


def main() -> int:
    """Render the bundles; return 0 on success."""
    argparse.ArgumentParser(prog="python -m tools.bundles", description=__doc__).parse_args()
    try:
        paths = render_all()
    except (SourceError, RenderError) as error:
        print(f"bundles: {error}", file=sys.stderr)
        return 1
    for name, path in paths.items():
        size = f"{path.stat().st_size / 1024:.0f} KiB" if path.is_file() else "chart"
        print(f"{name:30} {size}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write every generated page of docs/: `python -m tools.documentation`."""

import argparse

from tools.documentation.pages import COMPONENTS, DOCS, render_all


def main() -> None:
    """Write the pages that differ, and remove those of components that are gone."""
    argparse.ArgumentParser(
        prog="python -m tools.documentation",
        description="Write every generated page of docs/ from models, schema, rules and presets.",
        epilog="example: python -m tools.documentation && git diff docs",
    ).parse_args()
    pages = render_all()
    for file in (DOCS / COMPONENTS).glob("*.md"):
        if f"{COMPONENTS}/{file.name}" not in pages:
            file.unlink()
            print(f"removed {file.name}")
    for path, text in pages.items():
        file = DOCS / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"wrote docs/{path}")


if __name__ == "__main__":
    main()

"""Print the counts of the house rules, and with paths each finding: `python -m tools.house [PATH ...]`."""

import argparse
from collections.abc import Callable, Iterator

from tools.house import rules
from tools.house.source import PRODUCT, Source, python_files

PARSER = argparse.ArgumentParser(
    prog="python -m tools.house",
    description="Count what docs/design.md promises of the code. With paths, list each finding in them.",
    epilog="example: python -m tools.house stacks components/azure",
)
PARSER.add_argument("paths", nargs="*", help="files or folders; without any, the counts of the whole repository")


def main() -> None:
    """Print the counts, or the findings below some paths."""
    paths = tuple(PARSER.parse_args().paths)
    sources = list(python_files(paths))
    if paths:
        for source in sources:
            for rule in (rules.riddles, rules.pronoun_names, rules.local_imports, rules.long_files):
                for finding in rule(source):
                    print(f"{finding}  [{rule.__name__}]")
        return
    product = [source for source in sources if source.room in PRODUCT]
    outside = [source for source in sources if source.room not in ("cli", "tests")]
    counts = {
        "docstrings that open with a riddle": _count(rules.riddles, sources),
        "variables named by a pronoun": _count(rules.pronoun_names, sources),
        "imports in functions, without cli and tests": _count(rules.local_imports, outside),
        f"product files over {rules.MOST_LINES} lines": _count(rules.long_files, product),
        "product lines of Python": sum(source.text.count("\n") for source in product),
    }
    for title, count in counts.items():
        print(f"{count:6}  {title}")


def _count(rule: Callable[[Source], Iterator[rules.Finding]], sources: list[Source]) -> int:
    return sum(len(list(rule(source))) for source in sources)


if __name__ == "__main__":
    main()

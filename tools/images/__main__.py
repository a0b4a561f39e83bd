"""Command line of the images: `python -m tools.images build|load|list`."""

import argparse
import json
import sys
import time
from pathlib import Path

from tools.images import NAMES, ImageError, build, load, stored

_EXAMPLES = """\
examples:
  python -m tools.images build                      build what is missing of all images
  python -m tools.images build train serve          only these two (after a change of workloads/: seconds)
  python -m tools.images load --socket /var/lib/modelyard/local/containerd/containerd.sock
                                                    build and load all into the containerd of an instance
  python -m tools.images load --socket SOCKET pause localhost/modelyard/coredns:f7e87b397aff
                                                    images by name (current content) or by reference
  python -m tools.images list --json                what is in the cache, with keys, sizes and digests

The cache is $MODELYARD_CACHE/images (default ~/.cache/modelyard/images).
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 0, 1 if something failed, 2 for wrong usage (by argparse)."""
    options = _parser().parse_args(arguments)
    try:
        answer, lines = options.run(options)
    except ImageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2) if options.json else "\n".join(lines))
    return 0


def _build(options: argparse.Namespace) -> tuple[object, list[str]]:
    refs = build(options.names or None, report=_report)
    return refs, list(refs.values())


def _load(options: argparse.Namespace) -> tuple[object, list[str]]:
    given = options.names or list(NAMES)
    built = build([name for name in given if ":" not in name], report=_report)
    refs = [built.get(name, name) for name in given]
    began = time.monotonic()
    loaded = load(options.socket, refs, report=_report)
    seconds = round(time.monotonic() - began, 2)
    lines = [f"{'loaded' if ref in loaded else 'there '} {ref}" for ref in refs]
    return {"refs": refs, "loaded": loaded, "seconds": seconds}, [*lines, f"in {seconds} s"]


def _list(_options: argparse.Namespace) -> tuple[object, list[str]]:
    layouts = stored()
    answer = [
        {
            "name": found.record.name,
            "ref": found.ref,
            "bytes": found.size(),
            "manifest": found.manifest_digest,
            "runtime": found.record.runtime,
            "build_seconds": found.record.seconds,
        }
        for found in layouts
    ]
    width = max((len(found.ref) for found in layouts), default=0)
    lines = [
        f"{found.ref:<{width}}  {found.size() / 1e6:>7.0f} MB  built in {found.record.seconds:>5.0f} s"
        for found in layouts
    ]
    return answer, lines or ["no images yet; build them: python -m tools.images build"]


def _report(line: str) -> None:
    # Progress goes to standard error, so that --json leaves standard output to the answer.
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.images",
        description="Build the container images of the local environment and load them into its containerd.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="build|load|list")
    names = ", ".join(NAMES)
    for name, run, text in (
        ("build", _build, "build images that are not in the cache; prints their references"),
        ("load", _load, "build images and load those that a containerd lacks"),
        ("list", _list, "show the images in the cache"),
    ):
        command = commands.add_parser(
            name, help=text, description=text, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="answer in JSON on standard output")
        if name != "list":
            command.add_argument("names", nargs="*", metavar="IMAGE", help=f"which; all if none is named: {names}")
        if name == "load":
            command.add_argument("--socket", type=Path, required=True, help="socket of the containerd to load into")
    return parser


if __name__ == "__main__":
    sys.exit(main())

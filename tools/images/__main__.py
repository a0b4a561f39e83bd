"""Command line of the images: `python -m tools.images build|load|list`."""

import argparse
import json
import sys
import time
from pathlib import Path

from tools.images import NAMES, ImageError, build, list_layouts, load

_EXAMPLES = """\
examples:
  python -m tools.images build                      build all images that are missing
  python -m tools.images build train serve          only these two (after a change of workloads/: seconds)
  python -m tools.images load --socket /var/lib/modelyard/local/containerd/containerd.sock
                                                    build and load all into the containerd of an instance
  python -m tools.images load --socket SOCKET pause localhost/modelyard/coredns:f7e87b397aff
                                                    images by name (current content) or by reference
  python -m tools.images list --json                images in the cache, with keys, sizes and digests

The cache is $MODELYARD_CACHE/images (default ~/.cache/modelyard/images).
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 after a failure (argparse exits with 2 for wrong usage)."""
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
    names = options.names or list(NAMES)
    refs_by_name = build([name for name in names if ":" not in name], report=_report)
    refs = [refs_by_name.get(name, name) for name in names]
    began = time.monotonic()
    loaded = load(options.socket, refs, report=_report)
    seconds = round(time.monotonic() - began, 2)
    lines = [f"{'loaded' if ref in loaded else 'kept  '} {ref}" for ref in refs]
    return {"refs": refs, "loaded": loaded, "seconds": seconds}, [*lines, f"in {seconds} s"]


def _list(_options: argparse.Namespace) -> tuple[object, list[str]]:
    layouts = list_layouts()
    answer = [
        {
            "name": image.record.name,
            "ref": image.ref,
            "bytes": image.size(),
            "manifest": image.manifest_digest,
            "runtime": image.record.runtime,
            "build_seconds": image.record.seconds,
        }
        for image in layouts
    ]
    width = max((len(image.ref) for image in layouts), default=0)
    lines = [
        f"{image.ref:<{width}}  {image.size() / 1e6:>7.0f} MB  built in {image.record.seconds:>5.0f} s"
        for image in layouts
    ]
    return answer, lines or ["the cache holds no images; build them: python -m tools.images build"]


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
            command.add_argument(
                "names", nargs="*", metavar="IMAGE", help=f"name of an image; all if none is given: {names}"
            )
        if name == "load":
            command.add_argument("--socket", type=Path, required=True, help="socket of the containerd to load into")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Training text for the local environment: a few megabytes of freely licensed English, without a data hub.

    python -m tools.local_text --output .local/data/text

It takes Debian's package perl-doc (Perl's manual, GPL-1+ or Artistic) through apt, unpacks it without installing it,
keeps the prose, and writes

* ``train.txt`` and ``validation.txt``: whole documents, split by a hash of their names; no paragraph is in both;
* ``SOURCE.json``: package, version, checksums and counts; ``LICENCE``: the package's own copyright file.

The cache keeps the package, and a folder that is up to date is left alone. Only the standard library is used.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.failure import EXIT_SUCCEEDED, UserError

from tools.pod import extract_prose

PACKAGE = "perl-doc"

RECIPE = 1
"""Version of the extraction, increased when the same package gives another text."""

TABLES = {"perltoc", "perluniprops", "perlmodlib", "perlcheat", "perlhist"}
"""Documents of perl-doc that are lists and no prose."""

VALIDATION_SHARE = 10
"""Number of documents of which one is held out."""


@dataclass(frozen=True)
class Document:
    """Prose of one document."""

    name: str
    paragraphs: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        """True when the document belongs to the validation text; its name alone decides."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % VALIDATION_SHARE == 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.local_text",
        description="Write train.txt and validation.txt, a few megabytes of freely licensed English text.",
        epilog="example: %(prog)s --output .local/data/text",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--deb", type=Path, metavar="FILE", help=f"file of the package {PACKAGE}, instead of apt's")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    options = parser.parse_args(arguments)
    try:
        source = prepare(options.output, deb=options.deb)
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    if not options.quiet:
        sys.stdout.write(
            f"{options.output}: {source['train_bytes'] / 1e6:.1f} MB to train on, "
            f"{source['validation_bytes'] / 1e6:.2f} MB held out, from {source['package']} {source['version']}\n"
        )
    return EXIT_SUCCEEDED


def prepare(output: Path, *, deb: Path | None = None) -> dict[str, Any]:
    """Write the text to `output`, unless it is up to date, and return the content of SOURCE.json.

    Raises:
        UserError: apt or dpkg-deb is missing, the package cannot be downloaded, or `output` cannot be written.
    """
    version = _read_version(deb) if deb else _find_version(output)
    if version is None or (present := _read_current(output, version)) is None:
        file = deb or _download(version)
        with tempfile.TemporaryDirectory(prefix="modelyard-text-") as folder:
            _run("dpkg-deb", "-x", str(file), folder)
            documents = read_documents(Path(folder))
            licence = Path(folder, "usr/share/doc", PACKAGE, "copyright").read_bytes()
        present = _write(output, documents, licence, version=version or _read_version(file))
    return present


def read_documents(folder: Path) -> list[Document]:
    """Read the documents under `folder` in the order of their names, without repeated paragraphs.

    So no held-out paragraph occurs in training, and boilerplate does not teach the model to repeat itself.
    """
    paragraphs: set[str] = set()
    documents: list[Document] = []
    for file in sorted(folder.rglob("*.pod"), key=lambda path: path.name):
        if file.stem in TABLES:
            continue
        new = [text for text in extract_prose(_decode(file)) if not (text in paragraphs or paragraphs.add(text))]
        if new:
            documents.append(Document(file.stem, tuple(new)))
    if not documents:
        raise UserError(f"package {PACKAGE}: expected .pod documents, got none; use Debian's {PACKAGE}")
    return documents


def _decode(file: Path) -> str:
    """Decode a document: Perl's manual is UTF-8, but for a few old documents in Latin-1."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _write(output: Path, documents: list[Document], licence: bytes, *, version: str) -> dict[str, Any]:
    train, validation = (
        "\n\n\n".join("\n\n".join(each.paragraphs) for each in documents if each.held_out is held_out).encode() + b"\n"
        for held_out in (False, True)
    )
    source = {
        "package": PACKAGE,
        "version": version,
        "recipe": RECIPE,
        "licence": "GPL-1.0-or-later OR Artistic-1.0-Perl",
        "documents": len(documents),
        "documents_held_out": sum(document.held_out for document in documents),
        "train_bytes": len(train),
        "train_sha256": hashlib.sha256(train).hexdigest(),
        "validation_bytes": len(validation),
        "validation_sha256": hashlib.sha256(validation).hexdigest(),
    }
    try:
        output.mkdir(parents=True, exist_ok=True)
        _replace(output / "train.txt", train)
        _replace(output / "validation.txt", validation)
        _replace(output / "LICENCE", licence)
        _replace(output / "SOURCE.json", json.dumps(source, indent=2).encode() + b"\n")
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}; choose another --output") from error
    return source


def _replace(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_bytes(content)
    temporary.replace(file)


def _read_current(output: Path, version: str) -> dict[str, Any] | None:
    """Read SOURCE.json, if it has this version and recipe, and the files have its checksums."""
    try:
        source = json.loads((output / "SOURCE.json").read_text())
        is_current = (source["version"], source["recipe"]) == (version, RECIPE) and all(
            hashlib.sha256((output / f"{part}.txt").read_bytes()).hexdigest() == source[f"{part}_sha256"]
            for part in ("train", "validation")
        )
    except (OSError, ValueError, KeyError):
        return None
    return source if is_current else None


def _find_version(output: Path) -> str:
    """Return the version that apt would download, or the version in `output` where apt knows none."""
    if shutil.which("apt-cache") is None or shutil.which("dpkg-deb") is None:
        raise UserError(
            "apt-cache and dpkg-deb are needed to download the training text, and are not on PATH; on a machine "
            f"without Debian's tools, set your own text as train_data, or pass the package {PACKAGE} as --deb FILE"
        )
    shown = _run("apt-cache", "show", "--no-all-versions", PACKAGE, check=False)
    versions = [line.partition(": ")[2] for line in shown.splitlines() if line.startswith("Version: ")]
    if versions:
        return versions[0]
    try:
        return str(json.loads((output / "SOURCE.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        raise UserError(f"apt knows no package {PACKAGE}; run `apt-get update` first, or pass --deb FILE") from None


def _download(version: str | None) -> Path:
    cache = Path(os.environ.get("MODELYARD_CACHE") or Path.home() / ".cache/modelyard") / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    # apt writes an epoch's colon as %3a in names of files.
    name = f"{PACKAGE}_{(version or '').replace(':', '%3a')}_all.deb"
    if not (cache / name).is_file():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            # As root, apt would download as a user who may not write to the cache.
            _run("apt-get", "-o", "APT::Sandbox::User=root", "-qq", "download", f"{PACKAGE}={version}", folder=folder)
            files = list(Path(folder).glob("*.deb"))
            if not files:
                raise UserError(f"apt-get downloaded no file for {PACKAGE} {version}; run `apt-get update` first")
            files[0].replace(cache / name)
    return cache / name


def _read_version(deb: Path) -> str:
    if not deb.is_file():
        raise UserError(f"no such file: {deb}; --deb takes the file of the package {PACKAGE}")
    return _run("dpkg-deb", "-f", str(deb), "Version").strip()


def _run(*command: str, check: bool = True, folder: str | None = None) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    except FileNotFoundError as error:
        raise UserError(f"{command[0]} is not on PATH; install Debian's apt and dpkg") from error
    except subprocess.TimeoutExpired as error:
        raise UserError(f"`{' '.join(command)}` did not end in 300 s; check the package mirror") from error
    if check and result.returncode:
        raise UserError(f"`{' '.join(command)}` failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())

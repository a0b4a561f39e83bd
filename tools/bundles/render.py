"""Rendering of the charts into bundles, cached by everything that decides the result."""

import hashlib
import inspect
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.components.kubernetes.manifests import crd, kueue_configuration

from tools.bundles import selection, sources
from tools.bundles.sources import Chart
from tools.setup.locations import BIN, LOCAL, cache

Object = dict[str, Any]

TARGET = LOCAL / "bundles"
"""Folder of bundles and charts."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class RenderError(Exception):
    """Helm refused a chart; the text is Helm's message."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """File with the objects of one operator."""

    file: str
    chart: Chart
    namespace: str
    values: dict[str, Any]
    select: Callable[[list[Object]], list[Object]]


BUNDLES = (
    Bundle(
        file="kueue.yaml",
        chart=sources.KUEUE,
        namespace="kueue-system",
        values={
            "controllerManager": {"featureGates": selection.KUEUE_FEATURE_GATES},
            "managerConfig": {
                "controllerManagerConfigYaml": yaml.safe_dump(kueue_configuration.UPSTREAM, sort_keys=False)
            },
        },
        select=selection.kueue,
    ),
    Bundle(
        file="kuberay.yaml",
        chart=sources.KUBERAY,
        namespace="kuberay-system",
        values={},
        select=selection.kuberay,
    ),
)


def render_all(target: Path = TARGET) -> dict[str, Path]:
    """Render bundles and charts under `target`, unless the cache has them for the same inputs.

    Returns:
        Path of each file, by its name below `target`.

    Raises:
        sources.SourceError: a chart cannot be downloaded.
        RenderError: Helm refused a chart.
    """
    paths: dict[str, Path] = {}
    for bundle in BUNDLES:
        chart = sources.locate(bundle.chart)
        cached = cache() / "bundles" / f"{bundle.file.removesuffix('.yaml')}-{_key(bundle)}.yaml"
        if not cached.exists():
            _write(cached, _text(bundle, chart))
        paths[bundle.file] = _copy_file(cached, target / bundle.file)
        paths[f"charts/{bundle.chart.name}"] = _copy_folder(chart, target / "charts" / bundle.chart.name)
    return paths


def _key(bundle: Bundle) -> str:
    """Compute the hash of the chart's checksum, of our values, and of the code that selects and compacts."""
    parts = (bundle.chart.sum, repr(bundle.values), inspect.getsource(selection), inspect.getsource(crd), __doc__ or "")
    code = inspect.getsource(_objects) + inspect.getsource(_text)
    return hashlib.sha256("\n".join((*parts, code, bundle.namespace)).encode()).hexdigest()[:16]


def _text(bundle: Bundle, chart: Path) -> str:
    objects = [_namespace(bundle.namespace), *bundle.select(_objects(bundle, chart))]
    compacted = [
        crd.compact(manifest) if manifest["kind"] == "CustomResourceDefinition" else manifest for manifest in objects
    ]
    header = (
        f"# {bundle.chart.module} {bundle.chart.version}, chart {bundle.chart.folder}, by python -m tools.bundles\n"
    )
    return header + yaml.dump_all(compacted, Dumper=_DUMPER, sort_keys=False, width=120)


def _objects(bundle: Bundle, chart: Path) -> list[Object]:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as values:
        yaml.safe_dump(bundle.values, values)
        values.flush()
        command = [str(BIN / "helm"), "template", bundle.chart.name, str(chart), "--namespace", bundle.namespace]
        command += ["--include-crds", "--values", values.name]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RenderError(f"helm template {bundle.chart.name}: {result.stderr.strip()}")
    manifests = [document for document in yaml.load_all(result.stdout, Loader=_LOADER) if document]
    return sorted(
        manifests,
        key=lambda manifest: (
            manifest["kind"],
            manifest["metadata"]["name"],
            manifest["metadata"].get("namespace", ""),
        ),
    )


def _namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as unfinished:
        unfinished.write(text)
    Path(unfinished.name).replace(file)


def _copy_file(source: Path, target: Path) -> Path:
    if not target.exists() or target.read_bytes() != source.read_bytes():
        _write(target, source.read_text())
    return target


def _copy_folder(source: Path, target: Path) -> Path:
    """Copy a chart to a writable folder: Go's module cache is read-only, and Helm writes beside a chart."""
    stamp = target.with_name(f".{target.name}.source")
    if target.is_dir() and stamp.exists() and stamp.read_text() == str(source):
        return target
    unfinished = target.with_name(f".{target.name}.new")
    for old in (unfinished, target):
        if old.exists():
            shutil.rmtree(old)
    shutil.copytree(source, unfinished, copy_function=shutil.copyfile)
    for folder in (unfinished, *(p for p in unfinished.rglob("*") if p.is_dir())):
        folder.chmod(0o755)
    unfinished.replace(target)
    stamp.write_text(str(source))
    return target

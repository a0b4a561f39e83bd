"""Checks of objects against the schemas of the installed versions: Kubernetes' own and the operators' definitions.

The sources are in Go's module cache. Unlike an API server, which drops unknown fields silently, these checks refuse
them: a field in the wrong place is the commonest mistake in a manifest.
"""

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tools.bundles import sources
from tools.setup.locations import GO_MODULES
from tools.setup.toolchain import find_go

KUBERNETES = "k8s.io/kubernetes@v1.36.3"

DEFINITIONS = {
    "karpenter.sh": ("github.com/aws/karpenter-provider-aws@v1.14.1", "pkg/apis/crds", "karpenter.sh_*.yaml"),
    "karpenter.k8s.aws": ("github.com/aws/karpenter-provider-aws@v1.14.1", "pkg/apis/crds", "karpenter.k8s.aws_*.yaml"),
    "karpenter.azure.com": ("github.com/Azure/karpenter-provider-azure@v1.5.1", "pkg/apis/crds", "*azure.com_*.yaml"),
    "machine.openshift.io": (
        "github.com/openshift/api@v0.0.0-20251214014457-bfa868a22401",
        "machine/v1beta1/zz_generated.crd-manifests",
        "*machinesets-Default.crd.yaml",
    ),
}
"""Groups of kinds whose definitions come from a Go module: module, folder and files."""

_SUMS = {
    "github.com/aws/karpenter-provider-aws": "h1:WGtIQTQcxpElYMdWfWuPwaF2+9muR+hYhPZsTtoY8Gs=",
    "github.com/Azure/karpenter-provider-azure": "h1:CH92k7EgLyufVk16c4EsCTUJKrVBBgbWJg85sjbQAHE=",
    "github.com/openshift/api": "h1:goMf6pBtRFSQaVElFk6K+GIAqnv7O84p7PJHH6pDz/E=",
}

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SchemaMismatchError(AssertionError):
    """Object that its API would refuse or cut; the message lists each field."""


def check(body: dict[str, Any]) -> None:
    """Check that `body` fits the schema of its kind and has no unknown fields."""
    api_version, kind = body["apiVersion"], body["kind"]
    schema = _definition(api_version, kind) if _is_custom(api_version) else _built_in(api_version, kind)
    validator = jsonschema.Draft202012Validator(schema)
    faults = sorted(validator.iter_errors(body), key=lambda fault: list(map(str, fault.absolute_path)))
    if faults:
        lines = [f"{'.'.join(map(str, fault.absolute_path)) or kind}: {fault.message[:300]}" for fault in faults]
        raise SchemaMismatchError(f"{api_version} {kind}:\n" + "\n".join(lines))


def check_embedded(schema_of: tuple[str, str], path: tuple[str, ...], value: Any) -> None:
    """Check that `value` fits the definition of kind `schema_of` at `path`."""
    schema = _definition(*schema_of)
    for part in path:
        schema = schema["properties"][part]
    jsonschema.Draft202012Validator(schema).validate(value)


def _is_custom(api_version: str) -> bool:
    return api_version.partition("/")[0] in {"kueue.x-k8s.io", "ray.io", *DEFINITIONS}


@functools.cache
def _definition(api_version: str, kind: str) -> dict[str, Any]:
    group, _, version = api_version.partition("/")
    for file in sorted(_definitions_of(group)):
        definition = yaml.load(file.read_text(), Loader=_LOADER)  # noqa: S506 - a safe loader
        if definition["spec"]["names"]["kind"] != kind:
            continue
        served = {entry["name"]: entry["schema"]["openAPIV3Schema"] for entry in definition["spec"]["versions"]}
        assert version in served, f"{kind} is not served as {version}, only as {sorted(served)}"
        strict = _strict(served[version])
        strict["properties"]["metadata"] = {"$ref": f"#/components/schemas/{_META}"}
        return {**strict, "components": _document("v1")["components"]}
    raise AssertionError(f"no definition of {kind} in {group}")


def _definitions_of(group: str) -> list[Path]:
    if group == "ray.io":
        return list((sources.locate(sources.KUBERAY) / "crds").glob("*.yaml"))
    if group in DEFINITIONS:
        name, folder, files = DEFINITIONS[group]
        return list((module(name) / folder).glob(files))
    kueue = sources.locate(sources.KUEUE).parents[1]
    return list((kueue / "config" / "components" / "crd" / "bases").glob("*.yaml"))


def _built_in(api_version: str, kind: str) -> dict[str, Any]:
    document = _document(api_version)
    group, _, version = api_version.rpartition("/")
    for name, schema in document["components"]["schemas"].items():
        for names in schema.get("x-kubernetes-group-version-kind", []):
            if (names["group"], names["version"], names["kind"]) == (group, version, kind):
                return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    raise AssertionError(f"Kubernetes has no {kind} in {api_version}")


@functools.cache
def _document(api_version: str) -> dict[str, Any]:
    name = "api__v1" if api_version == "v1" else "apis__" + api_version.replace("/", "__")
    file = _kubernetes() / "api" / "openapi-spec" / "v3" / f"{name}_openapi.json"
    schemas = json.loads(file.read_text())["components"]["schemas"]
    return {"components": {"schemas": {name: _strict(schema) for name, schema in schemas.items()}}}


@functools.cache
def module(name: str) -> Path:
    """Return the folder of the Go module `name` (with its version) in the module cache, downloading it if need be."""
    go = find_go()
    assert go, "no Go: run `make test`"
    command = [go, "mod", "download", "-json", name]
    process = subprocess.run(command, cwd=GO_MODULES / "kube", capture_output=True, text=True, check=True)
    download = json.loads(process.stdout)
    recorded = _SUMS.get(name.partition("@")[0], download["Sum"])
    assert download["Sum"] == recorded, f"{name} is not the one that was recorded"
    return Path(download["Dir"])


def _kubernetes() -> Path:
    return module(KUBERNETES)


def _strict(schema: Any) -> Any:
    """Convert `schema` to JSON Schema, closed to unknown fields where Kubernetes would drop them."""
    if isinstance(schema, list):
        return [_strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    closed = {key: _strict(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        closed["properties"] = {name: _strict(inner) for name, inner in schema["properties"].items()}
        if "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            closed["additionalProperties"] = False
    if schema.get("nullable"):
        return {"anyOf": [closed, {"type": "null"}]}
    return closed

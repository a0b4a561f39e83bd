"""A cache of its own for every test, and small images in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.images import layout
from tools.images.layout import Layout, Record


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MODELYARD_CACHE", str(tmp_path / "cache"))
    layout.root().mkdir(parents=True)
    return tmp_path / "cache"


@pytest.fixture
def make_layout(tmp_path) -> Callable[..., Layout]:
    """Writes a real OCI layout whose layers hold the given bytes."""

    def make(name: str, key: str, layers: list[bytes], *, runtime: str | None = None) -> Layout:
        folder = tmp_path / f"making-{name}-{key}"
        entries = []
        for content in layers:
            digest = layout.add_blob(folder, content)
            entries.append(
                {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": len(content)}
            )
        configuration = json.dumps({"os": "linux", "architecture": "amd64", "name": name}).encode()
        config = {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": layout.add_blob(folder, configuration),
            "size": len(configuration),
        }
        manifest = layout.add_blob(
            folder, json.dumps({"schemaVersion": 2, "config": config, "layers": entries}).encode()
        )
        record = Record(name=name, key=key, image_id=config["digest"][7:], manifest=manifest, runtime=runtime)
        return layout.write(folder, record)

    return make

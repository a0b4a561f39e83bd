"""The real image of train, as built on this machine: complete by the lock, usable as its user, free of leftovers.

Building it takes minutes, so it is not built here; `make up` and `python -m tools.images build` do.
"""

import json
import os
import shutil
from collections.abc import Callable

import pytest

from tools.images import ImageError, keys, resolve
from tools.images.buildah import Storage

pytestmark = pytest.mark.cluster

#: Compares what is installed with the lock that lies in the image; prints the differences.
_COMPARE = """
import importlib.metadata, pathlib, re
from packaging.requirements import Requirement
text = pathlib.Path("/opt/modelyard/requirements.txt").read_text().replace("\\\\\\n", " ")
expected = {}
for line in text.splitlines():
    requirement = Requirement(line.partition(" --hash")[0])
    if requirement.marker is None or requirement.marker.evaluate():
        expected[requirement.name] = str(requirement.specifier).removeprefix("==")
normal = lambda name: re.sub("[-_.]+", "-", name).lower()
found = {normal(d.name): d.version for d in importlib.metadata.distributions()}
print(sorted(set(expected.items()) ^ set(found.items())), len(expected) > 80)
"""


@pytest.fixture(scope="module")
def ref() -> str:
    if os.geteuid() != 0 or shutil.which("buildah") is None:
        pytest.skip("needs root and buildah")
    try:
        current = keys(["train"])["train"]
        resolve(current)
    except ImageError as error:
        pytest.skip(f"the image is not built: {error}")
    return current


@pytest.fixture(scope="module")
def run(ref) -> Callable[..., str]:
    """Run a command in the image as its own user (or another); returns its output."""

    def in_image(*command: str, user: str = "1000:1000") -> str:
        done = Storage().run(ref, command, user=user)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    return in_image


def test_installed_packages_are_the_locked_ones(run):
    assert run("python", "-c", _COMPARE) == "[] True"


def test_frameworks_load(run):
    assert (
        run(
            "python",
            "-c",
            "import torch, transformers; from ray import serve, train; print(torch.ones(2).sum().item())",
        )
        == "2.0"
    )


def test_image_has_only_the_workloads_code(run):
    code = "import modelyard, modelyard.workloads.fine_tune.config as c; print(*modelyard.__path__, c.__file__)"
    folder = "/opt/modelyard/src/modelyard"
    assert run("python", "-c", code) == f"{folder} {folder}/workloads/fine_tune/config.py"
    assert run("ls", folder) == "workloads"


def test_modules_are_compiled_and_not_writable(run):
    folder = "/opt/modelyard"
    assert run("bash", "-c", f"find {folder}/src -name 'config.cpython-3*.pyc' | wc -l") != "0"
    assert run("find", folder, "-writable", "-not", "-type", "l") == ""


def test_image_meets_kuberay_and_openshift(run):
    # Probes by bash and wget, a login shell that finds ray, and any user in group 0 with a writable home.
    assert (
        run("bash", "-lc", "command -v wget ray python")
        == "/usr/bin/wget\n/opt/modelyard/bin/ray\n/opt/modelyard/bin/python"
    )
    assert run("bash", "-c", "touch ~/probe && echo $HOME", user="123456:0") == "/home/modelyard"


def test_image_has_no_remains_of_the_build(run, ref):
    assert run("bash", "-c", "for name in uv pip gcc cc git; do command -v $name; done; true") == ""
    assert run("find", "/run/secrets", "/srv", "/mnt", "/tmp", "-mindepth", "1") == ""  # noqa: S108  (a folder of the image)
    found = resolve(ref)
    config = json.loads(found.blob(found.manifest()["config"]["digest"]).read_bytes())
    assert config["config"]["User"] == "1000:1000"
    names = {entry.partition("=")[0] for entry in config["config"]["Env"]}
    assert names == {
        "PATH",
        "VIRTUAL_ENV",
        "HOME",
        "LANG",
        "PYTHONUNBUFFERED",
        "RAY_USAGE_STATS_ENABLED",
        "HF_HUB_DISABLE_TELEMETRY",
    }
    for word in ("INDEX_URL=", "PROXY=", "://"):
        assert word not in json.dumps(config["history"])

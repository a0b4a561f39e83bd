"""Keys of train and serve: what goes into which image decides, and nothing else."""

import re
import shutil

import pytest

from tools.images import workload
from tools.images.layout import ImageError
from tools.setup.environments import UV_VERSION
from tools.setup.locations import CHECKOUT, uv

#: Asked before a test has a cache of its own, in which there is none.
UV = uv()

pytestmark = pytest.mark.skipif(not UV.exists(), reason="needs the pinned uv: python -m tools.setup")


@pytest.fixture(autouse=True)
def the_machines_uv(monkeypatch):
    monkeypatch.setattr(workload, "uv", lambda: UV)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of what the images are built from, to change it."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(CHECKOUT / name, copy)
    shutil.copytree(CHECKOUT / "workloads", copy / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(workload, "CHECKOUT", copy)
    monkeypatch.setattr(workload, "CONTAINERFILE", copy / "workloads" / "containers" / "Containerfile")
    return copy


def keys():
    return {"runtime": workload.runtime_key(), **{role: workload.key(role) for role in workload.ROLES}}


def changed(before):
    after = keys()
    return {name for name in after if after[name] != before[name]}


def test_equal_content_gives_equal_keys(checkout):
    before = keys()
    (checkout / "workloads" / "presets" / "preset.py").chmod(0o600)
    (checkout / "workloads" / "presets" / "__pycache__").mkdir()
    (checkout / "workloads" / "presets" / "__pycache__" / "preset.cpython-311.pyc").write_bytes(b"x")
    (checkout / "workloads" / "containers" / "notes.md").write_text("not copied into an image")
    (checkout / "README.md").write_text("not copied either")
    assert changed(before) == set()


def test_all_three_images_differ(checkout):
    assert len(set(keys().values())) == 3


def test_our_code_changes_the_roles_and_leaves_the_runtime(checkout):
    before = keys()
    with (checkout / "workloads" / "presets" / "preset.py").open("a") as file:
        file.write("\n# another line\n")
    assert changed(before) == {"train", "serve"}


def test_new_file_of_code_counts(checkout):
    before = keys()
    (checkout / "workloads" / "presets" / "new.yaml").write_text("name: new")
    assert changed(before) == {"train", "serve"}


@pytest.mark.parametrize(
    ("package", "names"),
    [
        pytest.param("safetensors", {"runtime", "train", "serve"}, id="used by the workloads"),
        pytest.param("ruff", set(), id="used by the control plane"),
    ],
)
def test_locked_version_changes_the_images_that_install_it(checkout, package, names):
    before = keys()
    lock = checkout / "uv.lock"
    before_it, name, rest = lock.read_text().partition(f'name = "{package}"\nversion = "')
    entry, end, after_it = rest.partition("[[package]]")
    lock.write_text(before_it + name + entry.replace(entry.partition('"')[0], "0.0.1") + end + after_it)
    assert changed(before) == names


def test_role_of_the_recipe_changes_the_roles_only(checkout):
    before = keys()
    recipe = checkout / "workloads" / "containers" / "Containerfile"
    recipe.write_text(recipe.read_text().replace("EXPOSE 8000", "EXPOSE 8001"))
    assert changed(before) == {"train", "serve"}


def test_shared_recipe_changes_all_and_comments_no_runtime(checkout):
    before = keys()
    recipe = checkout / "workloads" / "containers" / "Containerfile"
    text = recipe.read_text()
    recipe.write_text("# a comment\n" + text)
    assert "runtime" not in changed(before)
    recipe.write_text(text.replace("PYTHONUNBUFFERED=1", "PYTHONUNBUFFERED=0"))
    assert changed(before) == {"runtime", "train", "serve"}


def test_broken_lock_is_an_error_with_uvs_words(checkout):
    (checkout / "uv.lock").write_text("not a lock")
    with pytest.raises(ImageError, match=r"uv export failed: .*uv\.lock"):
        workload.key("train")


def test_image_has_torch_and_ray_and_not_the_control_plane():
    locked = set(re.findall(r"^([a-z0-9-]+)==", workload.requirements(), re.MULTILINE))
    assert {"torch", "ray", "transformers", "tokenizers", "fastapi", "s3fs"} <= locked
    assert not locked & {"pulumi", "pulumi-kubernetes", "modelyard", "ruff", "pytest", "pyright"}


def test_every_requirement_is_pinned_by_hash():
    entries = re.split(r"\n(?=\S)", workload.requirements().strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_recipe_and_key_export_the_lock_alike():
    recipe = workload.CONTAINERFILE.read_text()
    export = recipe.partition("uv export ")[2].partition("\n\n")[0].replace("\\\n", " ").split()
    ours = {"--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header"}
    assert ours <= set(export)
    assert [export[i + 1] for i, word in enumerate(export) if word == "--prune"] == ["pulumi", "pulumi-kubernetes"]
    assert [export[i + 1] for i, word in enumerate(export) if word == "--extra"] == ["workloads"]
    assert f"ARG UV_VERSION={UV_VERSION}" in recipe


@pytest.mark.parametrize("role", workload.ROLES)
def test_role_is_a_stage_that_ends_as_user_1000(role):
    stage = workload.CONTAINERFILE.read_text().partition(f" AS {role}\n")[2].partition("\nFROM ")[0]
    assert re.findall("^USER (.*)$", stage, re.MULTILINE) == ["1000:1000"]

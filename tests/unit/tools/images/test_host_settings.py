"""Host settings that reach a build, and their form."""

import shlex
import subprocess

import pytest

from tools.images import host_settings


@pytest.fixture(autouse=True)
def no_pip_configuration(monkeypatch):
    monkeypatch.setattr(host_settings, "_read_pip_index", lambda: None)


def as_seen_by_a_shell(text, *names):
    script = f"set -a; {text}\n" + "\n".join(f'printf "%s\\n" "${{{name}-unset}}"' for name in names)
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout.splitlines()


def test_pip_index_serves_uv_too_and_survives_the_shell():
    url = "https://user:pa$$'w d@host.example/simple?a=1&b=2"
    text = host_settings.registry({"PIP_INDEX_URL": url})
    assert as_seen_by_a_shell(text, "PIP_INDEX_URL", "UV_DEFAULT_INDEX") == [url, url]


def test_uvs_own_index_is_not_overridden():
    text = host_settings.registry({"PIP_INDEX_URL": "https://one.example", "UV_INDEX_URL": "https://two.example"})
    assert as_seen_by_a_shell(text, "UV_INDEX_URL", "UV_DEFAULT_INDEX") == ["https://two.example", "unset"]


def test_other_variables_are_left_out():
    text = host_settings.registry({"AWS_SECRET_ACCESS_KEY": "x", "PIP_FIND_LINKS": "/opt/wheels", "HOME": "/x"})
    assert text == ""


def test_shared_uv_cache_is_named():
    assert shlex.split(host_settings.registry({}, uv_cache="/srv")) == ["UV_CACHE_DIR=/srv"]


def test_certificates_named_by_the_environment_come_first(tmp_path):
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("x")
    assert host_settings.certificates({"SSL_CERT_FILE": str(bundle)}) == bundle
    assert host_settings.certificates({"SSL_CERT_FILE": str(tmp_path / "missing")}) != tmp_path / "missing"

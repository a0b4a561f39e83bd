"""The Debian mirror comes from the host's apt sources."""

import pytest

from tools.images.base import find_host_mirror

PUBLIC = "http://deb.debian.org/debian"


@pytest.mark.parametrize(
    ("sources", "mirror"),
    [
        pytest.param([], PUBLIC, id="none"),
        pytest.param(["deb http://one.example/debian bookworm main\n"], "http://one.example/debian", id="one-line"),
        pytest.param(
            ["deb [signed-by=/k.gpg arch=amd64] https://two.example/d bookworm contrib main\n"],
            "https://two.example/d",
            id="options and components",
        ),
        pytest.param(
            ["Types: deb\nURIs: http://three.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"],
            "http://three.example/debian",
            id="deb822",
        ),
        pytest.param(
            [
                "Types: deb\nURIs: http://security.example/\nSuites: bookworm-security\nComponents: main\n\n"
                "Types: deb\nURIs: http://four.example/debian\nSuites: bookworm\nComponents: main\n"
            ],
            "http://four.example/debian",
            id="security first",
        ),
        pytest.param(["deb https://vendor.example/apt cloud-sdk-bookworm main\n"], PUBLIC, id="another suite"),
        pytest.param(["# deb http://off.example/debian bookworm main\n"], PUBLIC, id="commented out"),
        pytest.param(["deb-src http://source.example/debian bookworm main\n"], PUBLIC, id="sources only"),
    ],
)
def test_mirror(sources, mirror):
    assert find_host_mirror(sources) == mirror

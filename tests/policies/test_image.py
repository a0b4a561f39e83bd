import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.policies.rules import Image, parse_image

DIGEST = "sha256:" + "0123456789abcdef" * 4

# Answers of distribution/reference ParseNormalizedNamed for the same texts.
KNOWN = {
    "ray": Image("docker.io", "library/ray"),
    "ray:2.60.0": Image("docker.io", "library/ray", "2.60.0"),
    "rayproject/ray:2.60.0": Image("docker.io", "rayproject/ray", "2.60.0"),
    "quay.io/kuberay/operator:v1.6.2": Image("quay.io", "kuberay/operator", "v1.6.2"),
    "localhost/modelyard/train:0123456789ab": Image("localhost", "modelyard/train", "0123456789ab"),
    "localhost:5000/x": Image("localhost:5000", "x"),
    "registry:5000/a/b/c:1": Image("registry:5000", "a/b/c", "1"),
    "registry/a:1": Image("docker.io", "registry/a", "1"),
    f"registry.k8s.io/pause@{DIGEST}": Image("registry.k8s.io", "pause", None, DIGEST),
    f"registry.k8s.io/pause:3.10@{DIGEST}": Image("registry.k8s.io", "pause", "3.10", DIGEST),
    "10.0.0.1:5000/a__b/c-d.e:x_y.z-1": Image("10.0.0.1:5000", "a__b/c-d.e", "x_y.z-1"),
}


@pytest.mark.parametrize(("text", "image"), KNOWN.items())
def test_references_are_split_as_container_runtimes_do(text, image):
    assert parse_image(text) == image


@pytest.mark.parametrize(
    "text",
    ["", ":tag", "Ray", "quay.io/", "quay.io//x", "x:", "x@sha256:12", "x y", "ftp://quay.io/x", "x:" + "a" * 129],
)
def test_what_is_no_reference_is_refused_with_the_form(text):
    with pytest.raises(ValueError, match=r"is not an image reference; write \[registry/\]repository\[:tag\]"):
        parse_image(text)


component = st.from_regex(r"[a-z0-9]+(?:(?:\.|_|__|-{1,3})[a-z0-9]+){0,2}", fullmatch=True)


@given(
    st.sampled_from(["docker.io", "quay.io", "localhost", "localhost:5000", "r-1.example.com:443"]),
    st.lists(component, min_size=2, max_size=4),
    st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    st.sampled_from([None, DIGEST]),
)
def test_parts_survive_writing_and_reading(registry, components, tag, digest):
    image = Image(registry, "/".join(components), tag, digest)

    assert parse_image(str(image)) == image


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text):
    try:
        image = parse_image(text)
    except ValueError:
        return
    assert parse_image(str(image)) == image


def test_a_prefix_ends_at_a_slash():
    image = parse_image("quay.io/kuberay/operator:v1")

    assert image.is_below("quay.io")
    assert image.is_below("quay.io/kuberay/")
    assert image.is_below("quay.io/kuberay/operator")
    assert not image.is_below("quay.io/kube")
    assert not image.is_below("quay.i")

"""Properties of a resource in a plan: the selected and the hidden ones."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.preview.properties import SECRET, select_properties
from tools.setup.locations import CHECKOUT

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
MASKED = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}


def test_cloud_resource_shows_all_known_inputs():
    inputs = {
        "vmSize": "Standard_NC4as_T4_v3",
        "enableAutoScaling": True,
        "minCount": 0,
        "resourceGroupName": UNKNOWN,
        "availabilityZones": ["1", UNKNOWN],
        "upgradeSettings": {"maxSurge": "1"},
        "identities": [{"name": "a"}, {"name": UNKNOWN}],
        "tags": {"team": "platform", "a.b/c": "d"},
        "__defaults": [],
    }

    assert select_properties("azure-native:containerservice:AgentPool", inputs) == {
        "availabilityZones": "[1, ?]",
        "enableAutoScaling": "true",
        "identities[0].name": "a",
        "minCount": "0",
        "upgradeSettings.maxSurge": "1",
        "vmSize": "Standard_NC4as_T4_v3",
    }


def test_kubernetes_object_hides_labels_and_pulumis_marks():
    inputs = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": "prose",
            "namespace": "team-a",
            "labels": {"team": "team-a", "app.kubernetes.io/managed-by": "modelyard"},
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {"resources": {"requests": {"storage": "50Gi"}}},
    }

    assert select_properties("kubernetes:core/v1:PersistentVolumeClaim", inputs) == {
        "metadata.name": "prose",
        "metadata.namespace": "team-a",
        "spec.resources.requests.storage": "50Gi",
    }


def test_long_manifest_is_cut_to_images_amounts_and_counts():
    limits = {"cpu": "2", "nvidia.com/gpu": "1"}
    container = {
        "image": "registry.example/train:1",
        "env": [{"name": "A", "value": "b"}],
        "resources": {"limits": limits},
    }
    group = {"replicas": 2, "groupName": "gpu", "template": {"spec": {"containers": [container]}}}

    found = select_properties(
        "kubernetes:ray.io/v1:RayJob", {"spec": {"rayClusterSpec": {"workerGroupSpecs": [group]}}}
    )

    place = "spec.rayClusterSpec.workerGroupSpecs[0]"
    assert found == {
        f"{place}.replicas": "2",
        f"{place}.template.spec.containers[0].image": "registry.example/train:1",
        f"{place}.template.spec.containers[0].resources.limits.cpu": "2",
        f'{place}.template.spec.containers[0].resources.limits["nvidia.com/gpu"]': "1",
    }


def test_secrets_and_local_paths_are_hidden():
    inputs = {"password": MASKED, "chart": f"{CHECKOUT}/.local/charts/kueue", "text": "a\nb\n"}

    found = select_properties("kubernetes:helm.sh/v3:Release", inputs)

    assert found == {"password": SECRET, "chart": ".local/charts/kueue", "text": "(2 lines)"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), VALUES, max_size=4))
def test_any_inputs_become_single_lines_in_a_stable_order(inputs):
    found = select_properties("aws:ec2/vpc:Vpc", inputs)

    assert list(found) == sorted(found)
    assert all("\n" not in value for value in found.values())
    assert found == select_properties("aws:ec2/vpc:Vpc", dict(reversed(inputs.items())))

"""Teams on OpenShift: their pods may be the user of their image, and reach the cluster's DNS."""

import pytest

from tests.unit.stacks.test_program import composed, kubeconfig

__all__ = ["kubeconfig"]

DNS = {
    True: ("openshift-dns", {5353}),
    False: ("kube-system", {53}),
}


@pytest.mark.parametrize(
    ("name", "openshift"),
    [("openshift-onprem", True), ("rosa-dev", True), ("rosa-prod", True), ("aks-dev", False), ("existing", False)],
)
def test_pods_find_names_and_run_as_their_images_user(name: str, *, openshift: bool, kubeconfig: str):
    engine, _ = composed(name, kubeconfig)
    (egress,) = engine.objects["NetworkPolicy/team-a/closed"]["spec"]["egress"]
    namespace, ports = DNS[openshift]

    assert egress["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": namespace}
    assert {port["port"] for port in egress["ports"]} == ports
    assert ("RoleBinding/team-a/use-nonroot-v2" in engine.objects) is openshift


def test_right_covers_a_namespace_and_a_set_of_constraints(kubeconfig: str):
    engine, _ = composed("rosa-prod", kubeconfig)
    for team in ("team-a", "team-b", "team-c"):
        (rule,) = engine.objects[f"Role/{team}/use-nonroot-v2"]["rules"]
        binding = engine.objects[f"RoleBinding/{team}/use-nonroot-v2"]

        assert (rule["verbs"], rule["resourceNames"]) == (["use"], ["nonroot-v2"])
        assert [subject["name"] for subject in binding["subjects"]] == [f"system:serviceaccounts:{team}"]
        assert binding["roleRef"]["name"] == "use-nonroot-v2"

"""The certificates: who they name, what they may do, when they are made anew."""

import ssl
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tools.cluster import certificates
from tools.cluster.addresses import AddressPlan
from tools.cluster.certificates import AUTHORITIES, issue, leaves

PLAN = AddressPlan(3)


@pytest.fixture
def pki(tmp_path):
    issue(tmp_path, "trial", PLAN)
    return tmp_path


def load(pki, name):
    return x509.load_pem_x509_certificate((pki / f"{name}.crt").read_bytes())


def subject(certificate):
    names = certificate.subject
    return (
        [each.value for each in names.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)],
        names.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
    )


@pytest.mark.parametrize(
    ("name", "groups", "user"),
    [
        ("admin", ["system:masters"], "modelyard-admin"),
        ("kubelet", ["system:nodes"], "system:node:trial"),
        ("controller-manager", [], "system:kube-controller-manager"),
        ("scheduler", [], "system:kube-scheduler"),
        ("proxy", [], "system:kube-proxy"),
        ("apiserver-kubelet-client", [], "kube-apiserver-kubelet-client"),
    ],
)
def test_users_and_groups_are_those_of_the_default_roles(pki, name, groups, user):
    certificate = load(pki, name)
    assert subject(certificate) == (groups, user)
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_api_server_certificate_has_its_addresses_and_names(pki):
    names = load(pki, "apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(each) for each in names.get_values_for_type(x509.IPAddress)} == {"10.89.3.2", "10.96.3.1", "127.0.0.1"}
    assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("leaf", leaves("trial", PLAN), ids=lambda leaf: leaf.file)
def test_every_certificate_is_signed_by_its_own_authority_only(pki, leaf):
    certificate = load(pki, leaf.file)
    certificate.verify_directly_issued_by(load(pki, leaf.authority))
    for other in set(AUTHORITIES) - {leaf.authority}:
        with pytest.raises(ValueError, match="Issuer certificate subject"):
            certificate.verify_directly_issued_by(load(pki, other))


def test_every_file_is_private_and_keys_match(pki):
    assert {stat.S_IMODE(path.stat().st_mode) for path in pki.iterdir()} == {0o600}
    for leaf in leaves("trial", PLAN):
        ssl.create_default_context().load_cert_chain(pki / f"{leaf.file}.crt", pki / f"{leaf.file}.key")


def test_service_account_keys_are_a_pair(pki):
    key = serialization.load_pem_private_key((pki / "service-accounts.key").read_bytes(), password=None)
    public = serialization.load_pem_public_key((pki / "service-accounts.pub").read_bytes())
    assert key.public_key() == public


def contents(pki):
    return {path.name: path.read_bytes() for path in pki.iterdir()}


def test_second_issue_changes_nothing(pki):
    before = contents(pki)
    assert not issue(pki, "trial", PLAN)
    assert contents(pki) == before


def changed(before, after):
    return {name.rpartition(".")[0] for name in after if after[name] != before.get(name)}


def test_only_a_lost_or_damaged_file_is_issued_again(pki):
    before = contents(pki)
    (pki / "admin.key").unlink()
    (pki / "proxy.crt").write_text("cut off")
    assert issue(pki, "trial", PLAN)
    assert changed(before, contents(pki)) == {"admin", "proxy"}


def test_new_authority_reissues_its_certificates(pki):
    before = contents(pki)
    (pki / "etcd-ca.key").unlink()
    assert issue(pki, "trial", PLAN)
    assert changed(before, contents(pki)) == {"etcd-ca", "etcd", "apiserver-etcd-client"}


def test_changed_address_renews_the_servers(pki):
    before = contents(pki)
    assert issue(pki, "trial", AddressPlan(4))
    assert "apiserver" in changed(before, contents(pki))
    assert "admin" not in changed(before, contents(pki))


def test_certificate_near_its_end_is_renewed(pki, monkeypatch):
    before = contents(pki)
    # As seen on the day before a leaf's last: the authorities have years left.
    monkeypatch.setattr(certificates, "RENEW_DAYS", certificates.LEAF_DAYS)
    assert issue(pki, "trial", PLAN)
    assert changed(before, contents(pki)) == {leaf.file for leaf in leaves("trial", PLAN)}

"""Certificates of an instance: three small authorities, and the certificates that they sign.

- `ca`: the cluster's authority: API server, clients of the API server, the kubelet's server.
- `etcd-ca`: etcd's own, so that no client of the API server is a client of etcd.
- `front-proxy-ca`: for the API server when it calls aggregated APIs.

Groups and common names are those that Kubernetes' default roles bind ("PKI certificates and requirements" in its
documentation, v1.36). All keys are ECDSA P-256. Authorities last ten years, the rest one year; a certificate with less
than 30 days left, or with other names than it should have, is issued again.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tools.cluster.addresses import AddressPlan
from tools.cluster.state import write_private

AUTHORITY_DAYS = 3650
LEAF_DAYS = 365
RENEW_DAYS = 30


@dataclass(frozen=True)
class Leaf:
    """Specification of a certificate: its subject, its signer, its use.

    `common_name` is the user and `groups` are the groups that Kubernetes sees; `hosts` are the names and addresses of a
    server, none for a certificate that only a client uses.
    """

    file: str
    authority: str
    common_name: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    client: bool = True


def leaves(instance: str, plan: AddressPlan) -> tuple[Leaf, ...]:
    """Return the specification of every certificate of an instance."""
    node, local = str(plan.node.ip), "127.0.0.1"
    service_names = (
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    )
    return (
        Leaf(
            "apiserver",
            "ca",
            "kube-apiserver",
            hosts=(node, str(plan.api_service), local, "localhost", *service_names),
            client=False,
        ),
        Leaf("apiserver-kubelet-client", "ca", "kube-apiserver-kubelet-client"),
        Leaf("apiserver-etcd-client", "etcd-ca", "kube-apiserver-etcd-client"),
        Leaf("front-proxy-client", "front-proxy-ca", "front-proxy-client"),
        Leaf("etcd", "etcd-ca", "etcd", hosts=(local, "localhost"), client=True),
        Leaf("kubelet-server", "ca", f"system:node:{instance}", ("system:nodes",), (node, instance), client=False),
        Leaf("controller-manager-server", "ca", "kube-controller-manager", hosts=(node,), client=False),
        Leaf("scheduler-server", "ca", "kube-scheduler", hosts=(node,), client=False),
        Leaf("admin", "ca", "modelyard-admin", ("system:masters",)),
        Leaf("kubelet", "ca", f"system:node:{instance}", ("system:nodes",)),
        Leaf("controller-manager", "ca", "system:kube-controller-manager"),
        Leaf("scheduler", "ca", "system:kube-scheduler"),
        Leaf("proxy", "ca", "system:kube-proxy"),
        Leaf("kwok", "ca", "modelyard:kwok"),
    )


AUTHORITIES = ("ca", "etcd-ca", "front-proxy-ca")


def issue(folder: Path, instance: str, plan: AddressPlan) -> bool:
    """Write all keys and certificates into the folder; return whether a file was written.

    Files are `<name>.crt` and `<name>.key`, and `service-accounts.key`/`.pub` for the tokens of service accounts.
    """
    changed = False
    for authority in AUTHORITIES:
        changed |= _issue_authority(folder, authority)
    for leaf in leaves(instance, plan):
        changed |= _issue_leaf(folder, leaf)
    return changed | _issue_service_account_keys(folder)


def _issue_authority(folder: Path, name: str) -> bool:
    if (existing := _load(folder, name)) and _days_left(existing[0]) > RENEW_DAYS:
        return False
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"modelyard-{name}")])
    certificate = (
        _builder(subject, subject, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _store(folder, name, key, certificate)
    return True


def _issue_leaf(folder: Path, leaf: Leaf) -> bool:
    authority = _load(folder, leaf.authority)
    if authority is None:  # issue() has just written it
        raise FileNotFoundError(folder / f"{leaf.authority}.crt")
    signer, signer_key = authority
    if (existing := _load(folder, leaf.file)) and _is_valid(existing[0], leaf, signer):
        return False
    key = ec.generate_private_key(ec.SECP256R1())
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH] if leaf.client else []
    if leaf.hosts:
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    builder = (
        _builder(_subject(leaf), signer.subject, key.public_key(), LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    )
    if leaf.hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(_alternative_names(leaf.hosts)), critical=False)
    _store(folder, leaf.file, key, builder.sign(signer_key, hashes.SHA256()))
    return True


def _issue_service_account_keys(folder: Path) -> bool:
    private, public = folder / "service-accounts.key", folder / "service-accounts.pub"
    if private.exists() and public.exists():
        return False
    key = ec.generate_private_key(ec.SECP256R1())
    write_private(private, _key_pem(key))
    write_private(
        public,
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )
    return True


def _is_valid(certificate: x509.Certificate, leaf: Leaf, signer: x509.Certificate) -> bool:
    if _days_left(certificate) <= RENEW_DAYS or certificate.subject != _subject(leaf):
        return False
    try:
        certificate.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return not leaf.hosts
    return list(names) == _alternative_names(leaf.hosts)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A clock that was set back a little must not make a new certificate "not yet valid".
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _subject(leaf: Leaf) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in leaf.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name)])


def _alternative_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ip_address(host)) if _is_address(host) else x509.DNSName(host) for host in hosts]


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _days_left(certificate: x509.Certificate) -> int:
    return (certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)).days


def _load(folder: Path, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """Return certificate and key, or None where either is missing or unreadable (a crash in mid-write)."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return certificate, key


def _store(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    write_private(folder / f"{name}.key", _key_pem(key))
    write_private(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

"""Access to, and protection of, cloud storage for models, images and secrets."""

from collections.abc import Iterator, Sequence

from .clusters import CLUSTERS
from .field import Field
from .production import in_production
from .resource import Kind, Resource
from .rule import Finding, Severity, rule, stack_rule
from .settings import Settings

_ACCOUNT: Kind = ("azure-native:storage", "StorageAccount")
_CONTAINER: Kind = ("azure-native:storage", "BlobContainer")
_REGISTRY: Kind = ("azure-native:containerregistry", "Registry")
_VAULT: Kind = ("azure-native:keyvault", "Vault")
_BUCKETS = frozenset({("aws:s3", "Bucket"), ("aws:s3", "BucketV2")})
_PUBLIC_ACCESS: Kind = ("aws:s3", "BucketPublicAccessBlock")
_ENCRYPTION = frozenset(
    {
        ("aws:s3", "BucketServerSideEncryptionConfiguration"),
        ("aws:s3", "BucketServerSideEncryptionConfigurationV2"),
    }
)

STORAGE_STACK_KINDS = frozenset({*_BUCKETS, _PUBLIC_ACCESS, *_ENCRYPTION})
"""Kinds that rules about a stack look at."""

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@rule(
    name="storage-access",
    kinds={_ACCOUNT, _CONTAINER, _PUBLIC_ACCESS, *_BUCKETS},
    severity=Severity.CRITICAL,
    requirement="Storage is not public, takes TLS 1.2 only, and (Azure) has no account keys.",
    reason="One public container gives a model, or the data it was trained on, to everybody, and nobody notices.",
    source="CKV_AZURE_59, CKV_AZURE_44, CKV2_AZURE_40; CKV_AWS_53 to 56",
    fix="Forbid public access and shared keys; give rights to identities.",
)
def storage_access(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    if resource.kind == _ACCOUNT:
        for key, required, problem in (
            ("allowBlobPublicAccess", False, "containers of the account may be made public"),
            ("allowSharedKeyAccess", False, "account keys open everything, for ever and for anybody"),
            ("enableHttpsTrafficOnly", True, "the account answers without TLS"),
        ):
            if body.at(key).read() is not required:
                yield Finding(key, problem, str(required).lower())
        version = body.at("minimumTlsVersion")
        if version.read() not in ("TLS1_2", "TLS1_3"):
            yield Finding(version.path, "the account takes old versions of TLS", "TLS1_2 or TLS1_3")
    elif resource.kind == _CONTAINER:
        access = body.at("publicAccess")
        if access.read() not in (None, "None"):
            yield Finding(access.path, f"everybody reads this container ({access.read()})", "None")
    elif resource.kind == _PUBLIC_ACCESS:
        for key in _BLOCKS:
            if body.at(key).read() is not True:
                yield Finding(key, "the bucket may be made public", "true")
    elif str(body.at("acl").read() or "private").startswith("public"):
        yield Finding("acl", f"everybody reads this bucket ({body.at('acl').read()})", "private, or left out")


@stack_rule(
    name="bucket-settings",
    severity=Severity.HIGH,
    requirement="Every S3 bucket of the stack has its encryption set and public access blocked.",
    reason=(
        "S3's own defaults encrypt with a key that no policy of yours guards, and an account may allow public buckets."
    ),
    source="CKV_AWS_19, CKV2_AWS_6",
    fix="Add a BucketServerSideEncryptionConfiguration and a BucketPublicAccessBlock of the bucket.",
)
def bucket_settings(resources: Sequence[Resource], _settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per bucket and missing setting."""
    companions = (
        (_ENCRYPTION, "no encryption is set for this bucket", "a BucketServerSideEncryptionConfiguration of it"),
        (frozenset({_PUBLIC_ACCESS}), "nothing blocks public access to this bucket", "a BucketPublicAccessBlock of it"),
    )
    for bucket in (resource for resource in resources if resource.kind in _BUCKETS):
        for kinds, problem, allowed in companions:
            if not any(_belongs_to(setting, bucket) for setting in resources if setting.kind in kinds):
                yield Finding("", problem, allowed, bucket)


def _belongs_to(setting: Resource, bucket: Resource) -> bool:
    """Say if `setting` belongs to `bucket`: computed from its id, or naming it."""
    name = bucket.body.at("bucket").value
    named = isinstance(name, str) and setting.body.at("bucket").value == name
    return named or setting.refers_to(bucket, "bucket")


@rule(
    name="protected-in-production",
    kinds={_ACCOUNT, _REGISTRY, _VAULT, *_BUCKETS, *CLUSTERS},
    severity=Severity.HIGH,
    requirement="In production clusters, storage, registries and vaults have Pulumi's protection.",
    reason="A renamed stack, or a field that replaces, deletes what took weeks; with protection the plan fails first.",
    source="rhcs delete_protection",
    fix="Give the resource the option protect: true (components: production, or keep).",
)
def protected_in_production(_body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    if not resource.protect and in_production(resource, settings):
        yield Finding("the option protect", "the resource may be deleted by any plan", "true")


@rule(
    name="registry-access",
    kinds={_REGISTRY},
    severity=Severity.HIGH,
    requirement="A container registry has no administrator's password and answers nobody who is not known.",
    reason="The password is one for all, never expires, and lets whoever has it change the images that everybody runs.",
    source="CKV_AZURE_137, CKV_AZURE_138",
    fix="Set adminUserEnabled and anonymousPullEnabled to false, and give AcrPull to identities.",
)
def registry_access(body: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    for key, problem in (
        ("adminUserEnabled", "the registry has an administrator with a password"),
        ("anonymousPullEnabled", "everybody may pull from the registry"),
    ):
        if body.at(key).read():
            yield Finding(key, problem, "false")


@rule(
    name="vault-purge-protection",
    kinds={_VAULT},
    severity=Severity.HIGH,
    requirement="A key vault gives rights by role, and in production cannot be purged.",
    reason="A purged vault is gone with its keys, and with everything that they encrypt.",
    source="CKV_AZURE_110, CKV_AZURE_42",
    fix="Set enableRbacAuthorization, and in production enablePurgeProtection; the latter cannot be taken back.",
)
def vault_purge_protection(body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    roles, purge = body.at("properties", "enableRbacAuthorization"), body.at("properties", "enablePurgeProtection")
    if roles.read() is not True:
        yield Finding(roles.path, "rights are given by a list in the vault", "true")
    if purge.read() is not True and in_production(resource, settings):
        yield Finding(purge.path, "the vault can be purged", "true")

"""Ways to break the rules about cloud storage, registries and vaults."""

from tests.policies import cloud_resources as c
from tests.policies import manifests as m
from tests.policies.case import Case

PRODUCTION = {"production": True}
BROKEN_STORAGE = [
    Case(
        rule="storage-access",
        token=c.STORAGE_ACCOUNT,
        path="allowBlobPublicAccess",
        value=True,
        where="allowBlobPublicAccess",
        says="may be made public",
    ),
    Case(
        rule="storage-access",
        token=c.STORAGE_ACCOUNT,
        path="allowSharedKeyAccess",
        value=m.GONE,
        where="allowSharedKeyAccess",
        says="account keys",
    ),
    Case(
        rule="storage-access",
        token=c.STORAGE_ACCOUNT,
        path="minimumTlsVersion",
        value="TLS1_0",
        where="minimumTlsVersion",
        says="old versions of TLS",
    ),
    Case(
        rule="storage-access",
        token=c.BLOB_CONTAINER,
        path="publicAccess",
        value="Blob",
        where="publicAccess",
        says="everybody reads this container (Blob)",
    ),
    Case(
        rule="storage-access",
        token=c.PUBLIC_ACCESS,
        path="blockPublicPolicy",
        value=False,
        where="blockPublicPolicy",
        says="the bucket may be made public",
    ),
    Case(
        rule="storage-access",
        token=c.BUCKET,
        path="acl",
        value="public-read",
        where="acl",
        says="everybody reads this bucket (public-read)",
    ),
    Case(
        rule="registry-access",
        token=c.REGISTRY,
        path="adminUserEnabled",
        value=True,
        where="adminUserEnabled",
        says="administrator with a password",
    ),
    Case(
        rule="registry-access",
        token=c.REGISTRY,
        path="anonymousPullEnabled",
        value=True,
        where="anonymousPullEnabled",
        says="everybody may pull",
    ),
    Case(
        rule="vault-purge-protection",
        token=c.VAULT,
        path="properties|enablePurgeProtection",
        value=m.GONE,
        where="properties.enablePurgeProtection",
        says="the vault can be purged",
        config=PRODUCTION,
    ),
    Case(
        rule="vault-purge-protection",
        token=c.VAULT,
        path="properties|enableRbacAuthorization",
        value=False,
        where="properties.enableRbacAuthorization",
        says="rights are given by a list",
    ),
]

"""Credentials in places that others can read.

Messages never repeat a value. What the engine itself keeps encrypted cannot be told apart here: a policy receives the
plain value of a Pulumi secret. So the rules look at the place of a value and at its shape.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import yaml

from .field import UNKNOWN, Field
from .helm import RELEASE
from .pod import POD_KINDS, containers
from .resource import Kind, Resource
from .rule import Finding, Severity, rule
from .settings import Settings

_CONFIG_MAP: Kind = ("core", "ConfigMap")
_SECRET: Kind = ("core", "Secret")

# A name whose last words say that its value is a credential; TOKENIZERS_PARALLELISM and MAX_TOKENS are none.
_CREDENTIAL_NAME = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY|CREDENTIALS?|(API|ACCESS|SECRET|PRIVATE|ACCOUNT|SIGNING|AUTH|MASTER)_KEY"
    r"|ACCESS_KEY_ID|CONNECTION_STRING)$"
)
_WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_HARMLESS = frozenset({"", "true", "false", "0", "1", "none", "null"})

# Shapes that only a credential has. Formats: AWS IAM identifiers, Azure Storage connection strings, RFC 7468, Google
# service account files, and the token prefixes that Hugging Face, GitHub and Slack publish for secret scanning.
_CLOUD_KEYS = {
    "an AWS access key id": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "an Azure Storage account key": re.compile(r"AccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
    "a Google service account key": re.compile(r'"type"\s*:\s*"service_account"'),
}
_TOKENS = {
    "a private key": re.compile(r"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    "a GitHub token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b"),
}


@rule(
    name="no-plain-credentials",
    kinds=POD_KINDS | {_CONFIG_MAP, RELEASE},
    severity=Severity.CRITICAL,
    exemptable=False,
    requirement=(
        "No environment variable, ConfigMap key, Ray runtime environment or Helm value with a credential's name has a "
        "literal value, and no text has the shape of a private key or token."
    ),
    reason="Whoever may read pods, or the state of the stack, has the credential; Secrets have rights of their own.",
    source="Kubernetes, good practices for Secrets",
    fix="Put the value into a Secret and refer to it with valueFrom.secretKeyRef (in charts: existingSecret).",
)
def no_plain_credentials(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per place."""
    allowed = "a reference to a Secret"
    for field, name in _named_values(body, resource):
        if is_credential_name(name) and not _is_harmless(field.value):
            yield Finding(field.path, f"`{name}` has a literal value (not shown)", allowed)
    for field in body.strings():
        for shape, pattern in _TOKENS.items():
            if pattern.search(field.value):
                yield Finding(field.path, f"the text holds {shape} (not shown)", allowed)


@rule(
    name="no-static-cloud-keys",
    kinds=POD_KINDS | {_CONFIG_MAP, RELEASE, _SECRET},
    severity=Severity.CRITICAL,
    requirement="Nothing, not even a Secret, holds a static key of a cloud account.",
    reason="Static keys do not expire and work from anywhere; workload identity (AKS) and IRSA (AWS) need none.",
    source="AKS workload identity documentation",
    fix="Give the service account a workload identity, and remove the key from the cloud account.",
)
def no_static_cloud_keys(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per place."""
    encoded = body.at("data") if resource.kind == _SECRET else None
    fields = [*body.strings(), *([] if encoded is None else _decoded(encoded))]
    for field in fields:
        for shape, pattern in _CLOUD_KEYS.items():
            if pattern.search(field.value):
                yield Finding(
                    field.path, f"the text holds {shape} (not shown)", "workload identity instead of a static key"
                )


def is_credential_name(name: str) -> bool:
    """Say if a variable or key called `name` holds a credential: `HF_TOKEN`, `adminPassword`; not `MAX_TOKENS`.

    Charts name a Secret of the user under `existingSecret`; such names refer to a credential and hold none.
    """
    words = "_".join(_WORD_BORDER.split(name)).upper()
    return not words.startswith("EXISTING_") and _CREDENTIAL_NAME.search(words) is not None


def _is_harmless(value: Any) -> bool:
    # an unknown value is a literal too, only a later one; $(NAME) refers to another variable
    if value is UNKNOWN:
        return False
    return not isinstance(value, str | int | float) or str(value).lower() in _HARMLESS or str(value).startswith("$(")


def _named_values(body: Field, resource: Resource) -> Iterator[tuple[Field, str]]:
    for container in containers(resource):
        for variable in container.field.at("env").items():
            name = variable.at("name").value
            if isinstance(name, str) and variable.at("value").value is not None:
                yield variable.at("value"), name
    for key in ("data", "binaryData") if resource.kind == _CONFIG_MAP else ():
        yield from ((field, name) for name, field in body.at(key).members())
    if resource.kind == RELEASE:
        yield from _nested(body.at("values"))
    for path in (("spec", "runtimeEnvYAML"), ("spec", "serveConfigV2")):  # Ray's own configuration, YAML in a text
        field = body.at(*path)
        if isinstance(field.value, str):
            yield from (
                (Field(field.path, inner.value), name) for inner, name in _nested(Field("", _yaml(field.value)))
            )


def _nested(field: Field) -> Iterator[tuple[Field, str]]:
    if isinstance(field.value, dict):
        for key in field.value:
            member = field.at(str(key))
            if isinstance(member.value, dict | list):
                yield from _nested(member)
            else:
                yield member, str(key)
    elif isinstance(field.value, list):
        for member in field.items():
            yield from _nested(member)


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None  # Ray refuses it with a better message


def _decoded(data: Field) -> Iterator[Field]:
    for field in data.strings():
        try:
            text = base64.b64decode(field.value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        yield Field(field.path, text)

import pytest
from modelyard.policies.rules.credentials import is_credential_name


@pytest.mark.parametrize(
    "name",
    [
        "HF_TOKEN",
        "API_KEY",
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "adminPassword",
        "db.password",
        "PASSWORD",
        "client-secret",
        "githubToken",
        "AZURE_STORAGE_CONNECTION_STRING",
        "SSH_PRIVATE_KEY",
    ],
)
def test_names_that_say_credential(name):
    assert is_credential_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "TOKENIZERS_PARALLELISM",
        "MAX_TOKENS",
        "TOKEN_LIMIT",
        "SECRET_NAME",
        "secretName",
        "existingSecret",
        "PASSWORD_FILE",
        "KEY",
        "MONKEY",
        "sshKeyPath",
        "AUTH_MODE",
        "HF_HOME",
        "",
    ],
)
def test_names_that_only_sound_like_one(name):
    assert not is_credential_name(name)

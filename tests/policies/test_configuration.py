import pytest
from modelyard.policies.rules import POLICIES, BadConfigurationError, Settings, pack_config, read_settings, schema


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"registires": []}, "registires: there is no such setting; did you mean 'registries'?"),
        ({"xyz": 1}, "xyz: there is no such setting; known: allowedHostPaths, capacity"),
        ({"capacity": {"memory": "8GB"}}, "capacity: '8GB' is not a Kubernetes quantity"),
        ({"flavorCapacity": {"a100": {"cpu": "x"}}}, "flavorCapacity.a100: 'x' is not a Kubernetes quantity"),
        (
            {"levels": {"pined-images": "advisory"}},
            "no rule is called 'pined-images'; did you mean 'pinned-images'?",
        ),
        (
            {"levels": {"pinned-images": "off"}},
            "levels.pinned-images: Input should be 'mandatory', 'advisory' or",
        ),
        ({"allowedHostPaths": ["data"]}, "allowedHostPaths: 'data' is not an absolute folder"),
        ({"allowedHostPaths": ["/data/../etc"]}, "is not an absolute folder without '..'"),
        ({"registries": ["https://quay.io"]}, "registries: 'https://quay.io' is not a registry; write registry[/path]"),
        ({"maxGpusPerContainer": 0}, "maxGpusPerContainer: 0 GPUs per container allow no GPU at all"),
        ({"production": "maybe"}, "production: Input should be a valid boolean"),
    ],
)
def test_a_wrong_configuration_says_where_and_what_is_allowed(config, says):
    with pytest.raises(BadConfigurationError) as error:
        read_settings(config)

    assert says in str(error.value)


def test_all_problems_are_told_at_once():
    with pytest.raises(BadConfigurationError) as error:
        read_settings({"production": "maybe", "maxGpusPerContainer": "many"})

    assert len(str(error.value).splitlines()) == 2


def test_what_is_written_for_the_engine_is_read_back_by_every_policy():
    settings = Settings(
        production=True,
        allowed_host_paths=("/var/lib/volumes",),
        capacity={"nvidia.com/gpu": "1", "memory": "8Gi"},
        levels={"job-deadline": "advisory"},
    )

    written = pack_config(settings)

    assert set(written) == set(POLICIES)
    assert all(read_settings(properties) == settings for properties in written.values())
    assert written["stack"] == {
        "production": True,
        "allowedHostPaths": ["/var/lib/volumes"],
        "capacity": {"nvidia.com/gpu": "1", "memory": "8Gi"},
        "levels": {"job-deadline": "advisory"},
    }


def test_defaults_need_no_file():
    assert pack_config(Settings()) == {}
    assert read_settings({}) == Settings()


def test_the_schema_for_the_engine_is_self_contained():
    text = str(schema())

    assert "$ref" not in text  # the engine sees one property at a time
    assert set(schema()) == {field.alias for field in Settings.model_fields.values()}

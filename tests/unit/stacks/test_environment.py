"""The environment file: what is right is read, and what is wrong is told with its place, its value and the remedy."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from modelyard.stacks.environment.cluster import Kind
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

Given = dict[str, Any]


@pytest.mark.parametrize("name", ["local", "existing"])
def test_files_of_the_repository_are_accepted(name: str, request: pytest.FixtureRequest):
    environment = read_environment(request.getfixturevalue(name), f"Pulumi.{name}.yaml").environment
    assert environment.kind is Kind(name)
    assert [team.name for team in environment.teams] == ["team-a"]


def test_amounts_are_read_into_their_units(local: Given):
    team = read_environment(local, "Pulumi.local.yaml").environment.teams[0]
    assert (team.quota.cpus, team.quota.memory, team.quota.gpus) == (1.6, 10240, 1)


def team(given: Given) -> Given:
    return given["teams"][0]


def fine_tune(given: Given) -> Given:
    return team(given)["workspaces"][0]


def server(given: Given) -> Given:
    return team(given)["workspaces"][1]


def put(place: Callable[[Given], Given], **values: Any) -> Callable[[Given], None]:
    return lambda given: place(given).update(values)


def drop(place: Callable[[Given], Given], key: str) -> Callable[[Given], None]:
    def apply(given: Given) -> None:
        del place(given)[key]

    return apply


def several(*changes: Callable[[Given], None]) -> Callable[[Given], None]:
    def apply(given: Given) -> None:
        for change in changes:
            change(given)

    return apply


def top(given: Given) -> Given:
    return given


def again(place: Callable[[Given], Given], into: str) -> Callable[[Given], None]:
    def apply(given: Given) -> None:
        owner = given if into == "teams" else team(given)
        owner[into].append(copy.deepcopy(place(given)))

    return apply


REFUSED: list[tuple[str, Callable[[Given], None], list[str]]] = [
    (
        "an unknown key",
        put(team, qouta=1),
        [
            "teams[0].qouta: unknown key; did you mean 'quota'? "
            "allowed: cohort, cost_center, name, owner, quota, volumes, workspaces"
        ],
    ),
    (
        "an unknown key like no other",
        put(lambda given: team(given)["quota"], zzz=1),
        ["teams[0].quota.zzz: unknown key; allowed: cpus, gpus, memory, pool"],
    ),
    (
        "a decimal unit",
        put(lambda given: team(given)["quota"], memory="8G"),
        ["teams[0].quota.memory = '8G': unit 'G' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"],
    ),
    (
        "an unknown preset",
        put(fine_tune, preset="gpt2-tny"),
        [
            "teams[0].workspaces[0].preset = 'gpt2-tny': no preset 'gpt2-tny'; did you mean gpt2-tiny or gpt2 "
            "or gpt-j-6b?"
        ],
    ),
    (
        "two workspaces of one name",
        again(fine_tune, "workspaces"),
        ["teams[0].workspaces[2].name = 'prose': this name is taken by teams[0].workspaces[0].name; choose another"],
    ),
    (
        "two volumes of one name",
        again(lambda given: team(given)["volumes"][0], "volumes"),
        ["teams[0].volumes[1].claim = 'prose': this name is taken by teams[0].volumes[0].claim; choose another"],
    ),
    (
        "a quota of more GPUs than there are",
        put(lambda given: team(given)["quota"], gpus=2),
        ["teams[0].quota.gpus: is 2, but cluster.capacity.gpus is 1"],
    ),
    (
        "a quota of more cores than the operators leave",
        put(lambda given: team(given)["quota"], cpus=1.9),
        ["teams[0].quota.cpus: is 1.9, but cluster.capacity.cpus is 2 (0.2 of it for operators)"],
    ),
    (
        "a job that its quota never admits",
        put(lambda given: fine_tune(given)["worker"], gpus=2),
        [
            "teams[0].workspaces[0] = 'prose': needs 2 gpus in all, but teams[0].quota.gpus is 1; "
            "Kueue would never admit it",
            "teams[0].workspaces[1] = 'prose-server': waits for 'prose', and both together need 2 gpus, but "
            "teams[0].quota.gpus is 1; each would wait for the other",
        ],
    ),
    (
        "a server that waits for a job which waits for its quota",
        put(lambda given: team(given)["quota"], cpus=1.3),
        [
            "teams[0].workspaces[1] = 'prose-server': waits for 'prose', and both together need 1.6 cpus, but "
            "teams[0].quota.cpus is 1.3; each would wait for the other"
        ],
    ),
    (
        "a kind that there is not",
        put(top, kind="locl"),
        ["kind = 'locl': expected 'local', 'existing', 'openshift', 'aks' or 'rosa'"],
    ),
    (
        "a workspace of no kind",
        drop(server, "kind"),
        ["teams[0].workspaces[1].kind: is missing; expected 'fine-tune' or 'serve'"],
    ),
    (
        "a workspace of an unknown kind",
        put(server, kind="server"),
        ["teams[0].workspaces[1].kind = 'server': expected 'fine-tune' or 'serve'"],
    ),
    ("a missing key", drop(fine_tune, "train_data"), ["teams[0].workspaces[0].train_data: is missing"]),
    (
        "a name that Kubernetes refuses",
        put(team, name="Team_A"),
        [
            "teams[0].name = 'Team_A': must start with a lower-case letter and hold only lower-case letters, "
            "digits and '-'"
        ],
    ),
    (
        "an unknown priority",
        put(fine_tune, priority="hihg"),
        ["teams[0].workspaces[0].priority = 'hihg': no such priority; did you mean 'high'?"],
    ),
    (
        "data on a volume that is not there",
        put(fine_tune, train_data="pvc://pros/data"),
        [
            "teams[0].workspaces[0].train_data = 'pvc://pros/data': team 'team-a' has no volume 'pros'; "
            "did you mean 'prose'?"
        ],
    ),
    (
        "a location of no known form",
        put(fine_tune, train_data="data/train.txt"),
        [
            "teams[0].workspaces[0].train_data = 'data/train.txt': 'data/train.txt' is not a location; allowed is "
            "an absolute path, pvc://<claim>/<path>, s3://<bucket>/<key> or hf://<owner>/<name>"
        ],
    ),
    (
        "a fine-tune that is not there",
        put(server, fine_tune="prosa"),
        [
            "teams[0].workspaces[1].fine_tune = 'prosa': team 'team-a' has no fine-tune workspace of that name; "
            "did you mean 'prose'?"
        ],
    ),
    (
        "a server of nothing",
        drop(server, "fine_tune"),
        ["teams[0].workspaces[1] = 'prose-server': has nothing to serve; give preset, model or fine_tune"],
    ),
    (
        "a server of two things",
        put(server, model="pvc://prose/m"),
        ["teams[0].workspaces[1] = 'prose-server': has both model and fine_tune; give one"],
    ),
    (
        "an image that may move",
        put(top, images={"train": "registry.example/train:latest", "serve": "registry.example/serve"}),
        [
            f"images.{name} = '{image}': must be pinned by a digest (name@sha256:…) or by a tag other than latest"
            for name, image in (("train", "registry.example/train:latest"), ("serve", "registry.example/serve"))
        ],
    ),
    (
        "an image that nobody gave",
        put(top, images={"serve": "registry.example/serve:1"}),
        ["images.train: is missing, and workspace 'prose' needs it"],
    ),
    (
        "a duration without a unit",
        put(fine_tune, timeout="3600"),
        ["teams[0].workspaces[0].timeout = '3600': is not a duration; write it as '90s', '30m', '2h' or '1d12h'"],
    ),
    (
        "cores in Kubernetes' short form",
        put(lambda given: fine_tune(given)["worker"], cpus="500m"),
        ["teams[0].workspaces[0].worker.cpus = '500m': write cores as a number: 0.5"],
    ),
    (
        "an installer that there is not",
        put(lambda given: given["operators"]["kueue"], installer="helm"),
        ["operators.kueue.installer = 'helm': expected 'bundle', 'chart' or 'present'"],
    ),
    (
        "a bundle from nowhere",
        drop(lambda given: given["operators"]["kueue"], "source"),
        ["operators.kueue.source: is missing: the file or chart that installer 'bundle' takes"],
    ),
    (
        "volumes made from nothing",
        put(top, storage={}),
        ["storage.host_folder: is missing, and volumes with a size are to be created"],
    ),
    (
        "a storage class on one machine",
        put(top, storage={"host_folder": "/v", "storage_class": "fast"}),
        [
            "storage.storage_class = 'fast': is for kind 'existing', 'openshift', 'aks' and 'rosa'; "
            "give host_folder instead"
        ],
    ),
    (
        "a relative folder for volumes",
        put(top, storage={"host_folder": "volumes"}),
        ["storage.host_folder = 'volumes': must be an absolute path"],
    ),
    (
        "a setting that the job does not know",
        put(fine_tune, settings={"epoch": 2}),
        ["teams[0].workspaces[0].settings.epoch = 2: is unknown; did you mean 'epochs'?"],
    ),
    (
        "a setting that does not suit the model",
        put(fine_tune, settings={"sequence_tokens": 4096}),
        [
            "teams[0].workspaces[0]: sequence_tokens is 4096, but preset gpt2-tiny has max_context_tokens 256",
        ],
    ),
    (
        "several at once",
        several(put(team, qouta=1), put(top, kind="x"), drop(fine_tune, "preset")),
        [
            "kind = 'x': expected 'local', 'existing', 'openshift', 'aks' or 'rosa'",
            "teams[0].workspaces[0].preset: is missing",
            "teams[0].qouta: unknown key; did you mean 'quota'? "
            "allowed: cohort, cost_center, name, owner, quota, volumes, workspaces",
        ],
    ),
]


@pytest.mark.parametrize(("change", "lines"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusals_name_key_value_and_mend(local: Given, change: Callable[[Given], None], lines: list[str]):
    change(local)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(local, "Pulumi.local.yaml")
    first, *rest = str(refused.value).split("\n  ")
    assert first == "Pulumi.local.yaml: modelyard:environment is refused:"
    assert rest == lines


@pytest.mark.parametrize("given", [None, "text", ["a"]])
def test_a_file_without_an_environment(given):
    with pytest.raises(EnvironmentFileError, match=r"config\.modelyard:environment is missing or not an object"):
        read_environment(given, "Pulumi.local.yaml")


def test_folders_of_nodes_are_for_one_machine(existing: Given):
    existing["storage"] = {"host_folder": "/v"}
    with pytest.raises(EnvironmentFileError, match="is for kind 'local'; give storage_class instead"):
        read_environment(existing, "Pulumi.existing.yaml")

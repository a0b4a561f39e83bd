"""The stages of `make up`, in order; each finds its own work done when it is run again."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.stacks.environment.environment import KEY
from rich.console import Console

from tools import images
from tools.cluster import Instance
from tools.cluster.state import write_private
from tools.setup.locations import BIN, LOCAL
from tools.setup.plan import SYSTEM_IMAGES, WORKLOAD_IMAGES
from tools.up import ask, volumes, watch
from tools.up.environment import read_environment
from tools.up.guardrails import write_policy_configuration
from tools.up.objects import Cluster
from tools.up.report import Report
from tools.up.stack import Event, Stack
from tools.up.terminal import Line, stage
from tools.up.workspace import Workspace

#: Seconds a fine-tune may take before `make up` stops watching; the job itself has its own deadline.
JOB_PATIENCE = 3600.0
#: Seconds until a served model must answer: the RayService is admitted after the job has freed its quota.
SERVE_PATIENCE = 600.0
#: What the served model is asked, and how many tokens it may answer with.
QUESTION = "The function returns"
ANSWER_TOKENS = 24


@dataclass(frozen=True)
class Finished:
    """A completed `make up`."""

    report: Report
    file: Path
    """Where the facts are kept as JSON."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person asked for on the command line."""

    workspace: Workspace
    kubeconfig: Path | None = None
    """The cluster to use, for every environment but local."""
    overrides: dict[str, str] = field(default_factory=dict)
    """Values by their path in the environment, as `pulumi config set --path` takes them."""

    @property
    def is_local(self) -> bool:
        """Whether the cluster is one that we run on this machine."""
        return self.workspace.environment == "local"

    @property
    def local_instance(self) -> Instance:
        """That cluster."""
        return Instance.named(self.workspace.instance or "local")


def up(wanted: Wanted, console: Console) -> Finished:
    """Bring an environment up and do its main job.

    Raises:
        one of `tools.up.errors.EXPECTED`, with a sentence.
    """
    report = Report(stack=wanted.workspace.environment, seconds=_setup_seconds())
    stack, cluster = _ready(wanted, console, report.seconds)
    report.kubeconfig = str(cluster.kubeconfig)
    with stage(console, "platform", report.seconds) as line:
        outcome = stack.up(_shown(line))
    report.resources, report.changed = outcome.resources, outcome.changed
    outputs = stack.outputs()
    workspaces: dict[str, Any] = outputs["workspaces"]
    for name, made in workspaces.items():
        if made["kind"] == "fine-tune":
            results = volumes.host_path(made["result"], made["namespace"], outputs["volumes"])
            _finish_fine_tune(name, made, results, cluster, report, console)
    for name, made in workspaces.items():
        if made["kind"] == "serve":
            _ask_server(name, made, cluster, stack.workspace, report, console)
    report.write(wanted.workspace.facts)
    report.show(console, _next_steps(stack, report))
    return Finished(report=report, file=wanted.workspace.facts)


def preview(wanted: Wanted, console: Console) -> None:
    """Show what `up` would change."""
    seconds: dict[str, float] = {}
    stack, _cluster = _ready(wanted, console, seconds)
    with stage(console, "preview", seconds) as line:
        outcome = stack.preview(_shown(line))
    console.print(", ".join(f"{count} to {operation}" for operation, count in outcome.changes.items()))


def down(wanted: Wanted, console: Console) -> None:
    """Remove what `up` made: the local cluster whole, or the stack's resources from a cluster you have."""
    seconds: dict[str, float] = {}
    workspace = wanted.workspace
    if wanted.is_local:
        with stage(console, "cluster down", seconds):
            wanted.local_instance.down()
        # The stack's resources went with their cluster; its state would describe what no longer exists.
        workspace.facts.unlink(missing_ok=True)
        shutil.rmtree(workspace.folder, ignore_errors=True)
        return
    if not workspace.exists():
        console.print(f"nothing to remove: {workspace.environment} was not brought up from this checkout")
        return
    with stage(console, "resources", seconds) as line:
        Stack(workspace).destroy(_shown(line))
    console.print("its resources are gone; the cluster stays as it is")


def _ready(wanted: Wanted, console: Console, seconds: dict[str, float]) -> tuple[Stack, Cluster]:
    """A cluster that answers, and a stack ready to be previewed or updated."""
    if wanted.is_local:
        machine, cluster = _local_machine(wanted.local_instance, console, seconds)
    else:
        machine, cluster = _existing_machine(wanted)
    with stage(console, "stack", seconds) as line:
        cluster.check()
        workspace = wanted.workspace
        workspace.prepare(machine)
        stack = Stack(workspace)
        stack.wait_for_other_update(line.say)
        stack.select()
        stack.set_secret("modelyard:servingKey", workspace.serving_key.read_text())
        for path, value in wanted.overrides.items():
            stack.set_path(f"{KEY}.{path}", value)
        environment = read_environment(workspace.stack_file)
        write_policy_configuration(environment, workspace.policy_configuration)
    with stage(console, "volumes and data", seconds) as line:
        volumes.prepare(environment, line.say)
    return stack, cluster


def _local_machine(instance: Instance, console: Console, seconds: dict[str, float]) -> tuple[dict[str, Any], Cluster]:
    """This machine's own cluster, its images and its volumes."""
    with stage(console, "images", seconds) as line:
        built = images.build([*SYSTEM_IMAGES, *WORKLOAD_IMAGES], report=line.say)
    with stage(console, "cluster", seconds) as line:
        # Links the 6 GB that images share into a new instance, instead of unpacking them once more.
        images.seed(instance.containerd_socket.parent / "root", built.values(), report=line.say)
        instance.up(report=lambda event: line.say(f"{event.stage} {event.detail}".strip()))
    with stage(console, "load images", seconds) as line:
        line.say("into the cluster")
        images.load(instance.containerd_socket, list(built.values()))
    machine = {
        "cluster": {"kubeconfig": str(instance.kubeconfig)},
        "images": {name: built[name] for name in WORKLOAD_IMAGES},
        "operators": {
            "kueue": {"image": built["kueue"], "source": str(LOCAL / "bundles" / "kueue.yaml")},
            "kuberay": {"image": built["kuberay-operator"], "source": str(LOCAL / "bundles" / "kuberay.yaml")},
        },
        "storage": {"host_folder": str(instance.volumes)},
    }
    return machine, Cluster(instance.kubeconfig, is_local=True)


def _existing_machine(wanted: Wanted) -> tuple[dict[str, Any], Cluster]:
    """A cluster that the person has."""
    if wanted.kubeconfig is not None:
        path = wanted.kubeconfig.expanduser().absolute()
        return {"cluster": {"kubeconfig": str(path)}}, Cluster(path)
    named = wanted.workspace.written().get("cluster", {}).get("kubeconfig") or "~/.kube/config"
    return {}, Cluster(Path(named).expanduser())


def _finish_fine_tune(  # noqa: PLR0917 - called once, right above
    name: str, job: dict[str, Any], results: Path | None, cluster: Cluster, report: Report, console: Console
) -> None:
    with stage(console, f"fine-tune {name}", report.seconds) as line:

        def show(moment: watch.Moment) -> None:
            loss = f", loss {moment.loss:.2f}" if moment.loss is not None else ""
            speed = f", {moment.tokens_per_second:.0f} tokens/s" if moment.tokens_per_second else ""
            line.say(f"{moment.phase}{loss}{speed}", moment.step or None, moment.steps or None)

        watch.follow(cluster, job["namespace"], job["job"], results=results, observe=show, patience=JOB_PATIENCE)
    if results:
        metrics = json.loads((results / "metrics.json").read_text())
        report.perplexity_before = metrics["perplexity_before"]
        report.perplexity_after = metrics["perplexity_after"]
        report.checkpoint = str(results / "model")
    else:
        if found := watch.perplexities(cluster, job["namespace"], job["job"]):
            report.perplexity_before, report.perplexity_after = found
        report.checkpoint = job["model"]


def _ask_server(  # noqa: PLR0917 - called once, right above
    name: str, server: dict[str, Any], cluster: Cluster, workspace: Workspace, report: Report, console: Console
) -> None:
    with stage(console, f"serve {name}", report.seconds) as line:
        line.say("waiting for the model to answer")
        endpoint = ask.endpoint(cluster, server["namespace"], server["service"], SERVE_PATIENCE, line.say)
        with endpoint as url:
            ask.wait_until_healthy(url, SERVE_PATIENCE)
            report.endpoint = url
            report.model = server["model_name"]
            report.question = QUESTION
            report.answer = ask.complete(url, workspace.serving_key.read_text(), QUESTION, ANSWER_TOKENS)


def _shown(line: Line) -> Callable[[Event], None]:
    """An observer of Pulumi's events that shows them on `line`."""
    count = 0

    def observe(event: Event) -> None:
        nonlocal count
        if ended := event.get("resOutputsEvent"):
            count += 1
            metadata = ended["metadata"]
            line.say(f"{metadata['op']} {metadata['urn'].rpartition('::')[2]}", count)
        elif (said := event.get("diagnosticEvent")) and said.get("ephemeral"):
            line.say(said["message"].strip(), count)

    return observe


def _setup_seconds() -> dict[str, float]:
    """What `tools.setup` took just before, so that the table tells the whole."""
    try:
        return {"set-up": round(json.loads((LOCAL / "setup.json").read_text())["seconds"], 1)}
    except (OSError, ValueError, KeyError):
        return {}


def _next_steps(stack: Stack, report: Report) -> dict[str, str]:
    """Commands that work as they stand, for the person who has just seen the table."""
    shell = stack.workspace.folder / "env.sh"
    keep = ("PULUMI_", "PATH", "KUBECONFIG")
    variables = {k: v for k, v in stack.variables().items() if k.startswith(keep)} | {"KUBECONFIG": report.kubeconfig}
    variables["PATH"] = f"{BIN}:$PATH"
    write_private(shell, "".join(f'export {name}="{value}"\n' for name, value in sorted(variables.items())))
    steps = {"kubectl and pulumi for this platform": f". {shell}"}
    steps["the job and its place in the queue"] = "kubectl get rayjob,workload -A"
    if report.endpoint and report.answer is not None:
        key = f"$(cat {stack.workspace.serving_key})"
        steps["ask the model"] = (
            f'curl {report.endpoint}/v1/completions -H "Authorization: Bearer {key}" '
            "-H 'Content-Type: application/json' "
            f"-d '{json.dumps({'model': report.model, 'prompt': QUESTION, 'max_tokens': 40})}'"
        )
    steps["change the environment, see what it would do"] = (
        f"$EDITOR {stack.workspace.source.name}; .venv/bin/python -m tools.up --preview --env {report.stack}"
    )
    steps["remove everything"] = "make down" + ("" if report.stack == "local" else f" ENV={report.stack}")
    return steps

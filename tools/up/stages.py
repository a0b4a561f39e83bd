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

#: Seconds after which `make up` stops watching a fine-tune; the job itself has its own deadline.
JOB_PATIENCE = 3600.0
#: Seconds until a served model must answer: the RayService is admitted after the job has freed its quota.
SERVE_PATIENCE = 600.0
#: Prompt for the served model, and the longest answer in tokens.
QUESTION = "The function returns"
ANSWER_TOKENS = 24


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command line."""

    workspace: Workspace
    kubeconfig: Path | None = None
    """Credentials of the cluster to use, for every environment but local."""
    overrides: dict[str, str] = field(default_factory=dict)
    """Values by their path in the environment, in the syntax of `pulumi config set --path`."""

    @property
    def is_local(self) -> bool:
        """True when the cluster runs on this machine."""
        return self.workspace.environment == "local"

    @property
    def local_instance(self) -> Instance:
        """Cluster on this machine."""
        return Instance.from_name(self.workspace.instance or "local")


def up(request: Request, console: Console) -> Path:
    """Bring an environment up and do its main job.

    Returns:
        JSON file with the facts of the report.

    Raises:
        one of `tools.up.errors.EXPECTED`, with a sentence.
    """
    report = Report(stack=request.workspace.environment, seconds=_read_setup_seconds())
    stack, cluster = _prepare_stack(request, console, report.seconds)
    report.kubeconfig = str(cluster.kubeconfig)
    with stage(console, "platform", report.seconds) as line:
        outcome = stack.up(_show_events(line))
    report.resources, report.changed = outcome.resources, outcome.changed
    outputs = stack.outputs()
    workspaces: dict[str, Any] = outputs["workspaces"]
    for name, workspace in workspaces.items():
        if workspace["kind"] == "fine-tune":
            results = volumes.find_host_path(workspace["result"], workspace["namespace"], outputs["volumes"])
            _finish_fine_tune(name, workspace, results, cluster, report, console)
    for name, workspace in workspaces.items():
        if workspace["kind"] == "serve":
            _ask_server(name, workspace, cluster, stack.workspace, report, console)
    report.write(request.workspace.facts)
    report.show(console, _suggest_next_steps(stack, report))
    return request.workspace.facts


def preview(request: Request, console: Console) -> None:
    """Show the changes of an `up`."""
    seconds: dict[str, float] = {}
    stack, _cluster = _prepare_stack(request, console, seconds)
    with stage(console, "preview", seconds) as line:
        outcome = stack.preview(_show_events(line))
    console.print(", ".join(f"{count} to {operation}" for operation, count in outcome.changes.items()))


def down(request: Request, console: Console) -> None:
    """Remove the local cluster as a whole, or the stack's resources from a cluster that the person has."""
    seconds: dict[str, float] = {}
    workspace = request.workspace
    if request.is_local:
        with stage(console, "cluster down", seconds):
            request.local_instance.down()
        # The stack's resources went with their cluster, so its state describes nothing that exists.
        workspace.facts.unlink(missing_ok=True)
        shutil.rmtree(workspace.folder, ignore_errors=True)
        return
    if not workspace.exists():
        console.print(f"{workspace.environment} was not brought up from this checkout; there is nothing to remove")
        return
    with stage(console, "resources", seconds) as line:
        Stack(workspace).destroy(_show_events(line))
    console.print("the stack's resources are removed; the cluster itself is unchanged")


def _prepare_stack(request: Request, console: Console, seconds: dict[str, float]) -> tuple[Stack, Cluster]:
    """Prepare a stack for a preview or an update, and a cluster that answers."""
    if request.is_local:
        machine, cluster = _provision_local_cluster(request.local_instance, console, seconds)
    else:
        machine, cluster = _find_existing_cluster(request)
    with stage(console, "stack", seconds) as line:
        cluster.check()
        workspace = request.workspace
        workspace.prepare(machine)
        stack = Stack(workspace)
        stack.wait_for_other_update(line.say)
        stack.select()
        stack.set_secret("modelyard:servingKey", workspace.serving_key.read_text())
        for path, value in request.overrides.items():
            stack.set_path(f"{KEY}.{path}", value)
        environment = read_environment(workspace.stack_file)
        write_policy_configuration(environment, workspace.policy_configuration)
    with stage(console, "volumes and data", seconds) as line:
        volumes.prepare(environment, line.say)
    return stack, cluster


def _provision_local_cluster(
    instance: Instance, console: Console, seconds: dict[str, float]
) -> tuple[dict[str, Any], Cluster]:
    """Build the images and bring up the cluster of this machine.

    Returns:
        Values to lay over the environment file, and the cluster.
    """
    with stage(console, "images", seconds) as line:
        references = images.build([*SYSTEM_IMAGES, *WORKLOAD_IMAGES], report=line.say)
    with stage(console, "cluster", seconds) as line:
        # Links the 6 GB that the images share into a new instance, instead of unpacking them again.
        images.seed(instance.containerd_socket.parent / "root", references.values(), report=line.say)
        instance.up(report=lambda event: line.say(f"{event.stage} {event.detail}".strip()))
    with stage(console, "load images", seconds) as line:
        line.say("into the cluster")
        images.load(instance.containerd_socket, list(references.values()))
    machine = {
        "cluster": {"kubeconfig": str(instance.kubeconfig)},
        "images": {name: references[name] for name in WORKLOAD_IMAGES},
        "operators": {
            "kueue": {"image": references["kueue"], "source": str(LOCAL / "bundles" / "kueue.yaml")},
            "kuberay": {"image": references["kuberay-operator"], "source": str(LOCAL / "bundles" / "kuberay.yaml")},
        },
        "storage": {"host_folder": str(instance.volumes)},
    }
    return machine, Cluster(instance.kubeconfig, is_local=True)


def _find_existing_cluster(request: Request) -> tuple[dict[str, Any], Cluster]:
    """Find the cluster that the person has, by the command line or the environment file.

    Returns:
        Values to lay over the environment file, and the cluster.
    """
    if request.kubeconfig is not None:
        path = request.kubeconfig.expanduser().absolute()
        return {"cluster": {"kubeconfig": str(path)}}, Cluster(path)
    kubeconfig = request.workspace.read_source().get("cluster", {}).get("kubeconfig") or "~/.kube/config"
    return {}, Cluster(Path(kubeconfig).expanduser())


def _finish_fine_tune(  # noqa: PLR0917 - called once, right above
    name: str, job: dict[str, Any], results: Path | None, cluster: Cluster, report: Report, console: Console
) -> None:
    with stage(console, f"fine-tune {name}", report.seconds) as line:

        def show(progress: watch.JobProgress) -> None:
            loss = f", loss {progress.loss:.2f}" if progress.loss is not None else ""
            speed = f", {progress.tokens_per_second:.0f} tokens/s" if progress.tokens_per_second else ""
            line.say(f"{progress.phase}{loss}{speed}", progress.step or None, progress.steps or None)

        watch.follow(cluster, job["namespace"], job["job"], results=results, observe=show, patience=JOB_PATIENCE)
    if results:
        metrics = json.loads((results / "metrics.json").read_text())
        report.perplexity_before = metrics["perplexity_before"]
        report.perplexity_after = metrics["perplexity_after"]
        report.checkpoint = str(results / "model")
    else:
        if perplexities := watch.read_perplexities(cluster, job["namespace"], job["job"]):
            report.perplexity_before, report.perplexity_after = perplexities
        report.checkpoint = job["model"]


def _ask_server(  # noqa: PLR0917 - called once, right above
    name: str, server: dict[str, Any], cluster: Cluster, workspace: Workspace, report: Report, console: Console
) -> None:
    with stage(console, f"serve {name}", report.seconds) as line:
        line.say("waiting for the model to answer")
        endpoint = ask.open_endpoint(cluster, server["namespace"], server["service"], SERVE_PATIENCE, line.say)
        with endpoint as url:
            ask.wait_until_healthy(url, SERVE_PATIENCE)
            report.endpoint = url
            report.model = server["model_name"]
            report.question = QUESTION
            report.answer = ask.complete(url, workspace.serving_key.read_text(), QUESTION, ANSWER_TOKENS)


def _show_events(line: Line) -> Callable[[Event], None]:
    """Return an observer that shows Pulumi's events on `line`."""
    count = 0

    def observe(event: Event) -> None:
        nonlocal count
        if outputs := event.get("resOutputsEvent"):
            count += 1
            metadata = outputs["metadata"]
            line.say(f"{metadata['op']} {metadata['urn'].rpartition('::')[2]}", count)
        elif (diagnostic := event.get("diagnosticEvent")) and diagnostic.get("ephemeral"):
            line.say(diagnostic["message"].strip(), count)

    return observe


def _read_setup_seconds() -> dict[str, float]:
    """Read the duration of the `tools.setup` that ran just before, so that the table has the total."""
    try:
        return {"set-up": round(json.loads((LOCAL / "setup.json").read_text())["seconds"], 1)}
    except (OSError, ValueError, KeyError):
        return {}


def _suggest_next_steps(stack: Stack, report: Report) -> dict[str, str]:
    """Write commands that can be copied as they are, by their purpose."""
    shell = stack.workspace.folder / "env.sh"
    prefixes = ("PULUMI_", "PATH", "KUBECONFIG")
    variables = {name: value for name, value in stack.variables().items() if name.startswith(prefixes)}
    variables["KUBECONFIG"] = report.kubeconfig
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
    steps["change the environment, and preview the result"] = (
        f"$EDITOR {stack.workspace.source.name}; .venv/bin/python -m tools.up --preview --env {report.stack}"
    )
    steps["remove everything"] = "make down" + ("" if report.stack == "local" else f" ENV={report.stack}")
    return steps

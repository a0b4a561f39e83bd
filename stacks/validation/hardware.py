"""Checks of workspaces against the GPUs of their pool: the engine's oldest GPU, and the memory of one GPU."""

import dataclasses
from collections.abc import Iterator

from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.stacks.environment.section import Path
from modelyard.stacks.validation.messages import Fault
from modelyard.workloads.engines.engine import Job, refusal_text
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.one_gpu import find_lack
from modelyard.workloads.planner.request import FineTune, Request
from modelyard.workloads.serve.config import ServeConfig

SHORT_CONTEXT_TOKENS = 2048
"""Context for which a server's memory is checked where its configuration names none: what needs more than this many
tokens of cache is not refused here, since the server then takes what memory there is."""


def find_hardware_faults(config: FineTuneConfig | ServeConfig, pool: NodePoolSpec, path: Path) -> Iterator[Fault]:
    """Find out whether one GPU of the pool, or one slice of it, can hold what the job loads.

    Args:
        config: valid configuration of the job.
        pool: pool on which the team's quota is counted.
        path: place of the workspace in the file.
    """
    preset = config.known_preset
    if preset is None:
        return
    task = config.method if isinstance(config, FineTuneConfig) else "serve"
    job = Job.of_preset(preset, task, hub_id=None)
    capability = catalogue.find_gpu(pool.instance.gpu).capability
    where = f"node pool {pool.name!r} ({pool.instance.name}, {pool.instance.gpu})"
    if text := refusal_text(dataclasses.replace(job, compute_capability=capability), "compute capability"):
        yield Fault((*path, "preset"), preset.name, f"{where}: {text}")
        return
    request = _training_request(config) if isinstance(config, FineTuneConfig) else _serving_request(config)
    lack = find_lack(request, pool.instance.name, pool.mig_profile) if request is not None else ""
    if request is not None and lack:
        yield Fault((*path, "preset"), preset.name, f"{where}, task {task}: {lack}; {_larger_gpu(request, pool)}")


def _training_request(config: FineTuneConfig) -> Request:
    # The trainer neither computes activations again nor shards (workloads/engines/trainer.yaml).
    settings = FineTune(
        sequence_tokens=config.sequence_tokens, batch_sequences=config.batch_sequences, gradient_checkpointing=False
    )
    model = Model.from_preset(config.known_preset)
    return Request(model=model, task="full", precision=config.precision, fine_tune=settings)


def _serving_request(config: ServeConfig) -> Request | None:
    if config.known_preset is None:
        return None
    model = Model.from_preset(config.known_preset)
    context = min(config.max_context_tokens or SHORT_CONTEXT_TOKENS, model.max_context_tokens)
    return Request(model=model, task="serve", precision=config.precision, context_tokens=context)


def _larger_gpu(request: Request, pool: NodePoolSpec) -> str:
    """Name the smallest GPU of the pool's cloud that holds the task."""
    machines = catalogue.list_instance_types(pool.instance.cloud)
    for machine in sorted(machines, key=lambda machine: catalogue.find_gpu(machine.gpu).memory_gib * machine.gpu_share):
        if not find_lack(request, machine.name):
            return f"the smallest GPU that holds it is {machine.gpu} ({machine.name})"
    return "no GPU of the catalogue holds it: take a smaller preset"

"""Memory of one GPU against a task that is not divided: the engines of this release compute on one GPU each."""

import dataclasses

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.offer import describe_machine, list_offers
from modelyard.workloads.planner.precision import choose_precision
from modelyard.workloads.planner.request import TUNING_TASKS, Request
from modelyard.workloads.planner.serving.estimator import ServingEstimator
from modelyard.workloads.planner.training.estimator import TrainingEstimator, build_stand_in


def find_lack(request: Request, instance_type: str, mig_profile: str | None = None) -> str:
    """Return why one GPU of the instance type lacks memory for the task; empty if it holds it, by our estimate.

    Args:
        request: model, task and settings. Its limits of price, cloud and region do not count.
        instance_type: a name of the catalogue.
        mig_profile: slice of the GPU in place of the whole one.

    Raises:
        UnknownInstanceTypeError: the catalogue does not have it.
    """
    gpu = catalogue.find_gpu(catalogue.find_instance_type(instance_type).gpu)
    fine_tune = request.fine_tune.model_copy(update={"sharding": "none"})
    model = request.model.in_fp32() if request.precision == "fp32" else request.model
    fields = {
        "model": model,
        "sku": instance_type,
        "cloud": "any",
        "region": None,
        "max_nodes": 1,
        "fine_tune": fine_tune,
    }
    request = request.model_copy(update=fields)
    precision = choose_precision(model, gpu, request.precision)
    if precision.refusal:
        return precision.refusal
    machine = dataclasses.replace(describe_machine(list_offers(request)[0][0], precision.tflops), gpus=1)
    if mig_profile is not None:
        memory_gib = next(profile.memory_gib for profile in gpu.mig_profiles if profile.name == mig_profile)
        machine = dataclasses.replace(machine, memory_gib=memory_gib)
    if request.task not in TUNING_TASKS:
        return _join(ServingEstimator(request, profile_model(model)).estimate(machine).reasons)
    architecture = model.architecture or build_stand_in(profile_model(model), model.max_context_tokens)
    return _join(TrainingEstimator(request, architecture).estimate(machine, precision.dtype).reasons)


def _join(reasons: tuple[str, ...]) -> str:
    # The estimators add the split that they tried last; here there is one.
    return "; ".join(reason.partition(", even with ")[0] for reason in reasons)

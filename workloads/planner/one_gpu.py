"""Memory of one GPU against a task that is not divided: the engines of this release compute on one GPU each."""

import dataclasses

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.offer import describe_machine, list_offers
from modelyard.workloads.planner.precision import choose_precision
from modelyard.workloads.planner.request import TUNING_TASKS, Request
from modelyard.workloads.planner.serving.estimator import ServingEstimator
from modelyard.workloads.planner.training.estimator import TrainingEstimator, build_stand_in


def find_lack(request: Request, instance_type: str) -> str:
    """Return why one GPU of the instance type does not hold the task; empty if it does, by our estimate.

    Args:
        request: model, task and settings. Its limits of price, cloud and region do not count.
        instance_type: a name of the catalogue.

    Raises:
        UnknownInstanceTypeError: the catalogue does not have it.
    """
    gpu = catalogue.find_gpu(catalogue.find_instance_type(instance_type).gpu)
    fine_tune = request.fine_tune.model_copy(update={"sharding": "none"})
    fields = {"sku": instance_type, "cloud": "any", "region": None, "max_nodes": 1, "fine_tune": fine_tune}
    request = request.model_copy(update=fields)
    model = request.model
    precision = choose_precision(model, gpu, request.precision)
    if precision.refusal:
        return precision.refusal
    machine = dataclasses.replace(describe_machine(list_offers(request)[0][0], precision.tflops), gpus=1)
    if request.task not in TUNING_TASKS:
        return "; ".join(ServingEstimator(request, profile_model(model)).estimate(machine).reasons)
    architecture = model.architecture or build_stand_in(profile_model(model), model.max_context_tokens)
    return "; ".join(TrainingEstimator(request, architecture).estimate(machine, precision.dtype).reasons)

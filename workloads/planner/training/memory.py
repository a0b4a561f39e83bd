"""Peak memory of one GPU in training, part by part.

Weights, gradients and states stay (`states`). On top of them a step has moments at which it may hold the most,
all in steady state (second step on, gradients dropped after each step with ``set_to_none``)::

    forward end   what all layers keep + logits, their fp32 copy and its log-softmax: (v + 8) V per token
    loss          what all layers keep + 12 V per token: log-softmax, its gradient, the loss's, each in fp32
    last layer    what all layers keep + the output layer's gradient + that layer's temporaries
    first layer   all gradients but that layer's + what that layer keeps + its temporaries
    step          all gradients; a tied embedding's second contribution before it (fused AdamW needs nothing more)

V is the vocabulary, v the bytes of a value; `layers` has what a layer keeps. Gradient checkpointing replaces
what the layers keep by their inputs (d per token and layer), and adds one layer, computed again, to the last and the
first moment; with offloading the inputs wait in the host's memory. Gradient accumulation adds all gradients to every
moment. Under autocast the 16-bit copies of all matrices live from their first use until their backward pass (with
checkpointing: until the forward pass ends).

The largest moment is the peak. `Memory.gradients_gib` has all gradients, `Memory.activations_gib` what the peak holds
beyond weights, gradients and states, so that the parts add up to the peak even where gradients and activations are not
at their largest together.

Packing does not change a pass: a row of packed records is as long as a row with padding. Records of one row must not
attend to each other by a mask (fused attention takes their borders as lengths); a mask costs L bytes per token more.

Checked on the CPU against torch's allocator, within 10 % (tests/workloads/test_training_memory.py), and against the
figures of the ZeRO paper and of torchtune's README (tests/unit/workloads/planner/training). Not checked: recurrent
layers.
"""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.training.pass_memory import MomentName, TrainingPass, estimate_pass
from modelyard.workloads.planner.training.settings import SHARDS_WEIGHTS, Sharding, TrainingSettings
from modelyard.workloads.planner.training.states import TrainingStates, estimate_unsharded_states
from modelyard.workloads.presets.architecture import Architecture

FRAMEWORK_GIB = 0.6
"""Memory of CUDA context, libraries' workspaces and NCCL, outside torch's allocator. Kaito 0.12's estimator.go states
the same for vLLM ("non-torch allocations ... ~0.6 GiB")."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class TrainingPeak:
    """Peak of one GPU in bytes: the states that stay, and each moment on top of them."""

    states: TrainingStates
    moments: dict[MomentName, float]
    """Bytes at each moment beyond weights, adapters, states and buckets, with the gradients that exist then."""

    @property
    def moment(self) -> MomentName:
        """Moment of the peak."""
        return max(self.moments, key=self.moments.__getitem__)

    @property
    def bytes(self) -> float:
        """Peak by torch's allocator, without CUDA's context."""
        states = self.states
        stay = states.weights + states.gathered + states.adapter + states.buckets + states.optimizer
        return stay + self.moments[self.moment]

    def memory(self, framework_gib: float = FRAMEWORK_GIB) -> Memory:
        """Return the peak in GiB, part by part, with memory outside torch's allocator."""
        states = self.states
        return Memory(
            weights_gib=(states.weights + states.gathered) / GIB,
            activations_gib=(self.moments[self.moment] - states.gradients) / GIB,
            framework_gib=framework_gib,
            gradients_gib=(states.gradients + states.buckets) / GIB,
            optimizer_gib=states.optimizer / GIB,
            adapter_gib=states.adapter / GIB,
        )


def estimate_training_memory(
    architecture: Architecture, settings: TrainingSettings, *, framework_gib: float = FRAMEWORK_GIB
) -> Memory:
    """Estimate the memory of the GPU that holds the most, GiB, without ``free_gib``.

    Raises:
        UntrainableError: the model or its split cannot be trained; the message says why.
    """
    return estimate_training_peak(architecture, settings).memory(framework_gib)


def estimate_training_peak(architecture: Architecture, settings: TrainingSettings) -> TrainingPeak:
    """Estimate the states that stay and the bytes that each moment of a step adds.

    Raises:
        UntrainableError: as `estimate_training_memory`.
    """
    return Footprint(architecture, settings).peak(settings.sharding, settings.data_parallel)


class Footprint:
    """Memory of one model and method, for the peaks of many splits over data-parallel GPUs.

    A planner compares some dozens of splits of one model; the parts that they share are computed once. The sharding and
    the number of data-parallel GPUs in the settings play no part.

    Raises:
        UntrainableError: as `estimate_training_memory`.
    """

    def __init__(self, architecture: Architecture, settings: TrainingSettings) -> None:
        self.architecture = architecture
        self.settings = settings
        self.states = estimate_unsharded_states(architecture, settings)
        self._passes: dict[bool, TrainingPass] = {}

    def peak(self, sharding: Sharding, data_parallel: int) -> TrainingPeak:
        """Estimate the peak of one of so many GPUs."""
        training_pass = self._pass(shards_weights=sharding in SHARDS_WEIGHTS)
        states = self.states.shard(sharding, data_parallel)
        return TrainingPeak(states, training_pass.moments(states, data_parallel))

    def _pass(self, *, shards_weights: bool) -> TrainingPass:
        shards_weights &= self.settings.trains_weights  # Frozen ones are gathered and cast as if they were whole.
        training_pass = self._passes.get(shards_weights)
        if training_pass is None:
            settings = dataclasses.replace(self.settings, sharding="fsdp" if shards_weights else "none")
            training_pass = self._passes[shards_weights] = estimate_pass(self.architecture, settings)
        return training_pass

"""Serving and offline batch: the best split on each kind of machine."""

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from modelyard.workloads.planner.candidate import EstimateFields
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.model_profile import ModelProfile
from modelyard.workloads.planner.parallelism import Parallelism, find_split_obstacle, list_splits
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine, Speed, Work, estimate_speed, estimate_work
from modelyard.workloads.planner.serving.memory import SEQUENCES_PER_STEP, Reservation, estimate_reservation

USUAL_CONCURRENCY = 16
"""Sequences in flight at which serving is rated where the request names none."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class SplitMemory:
    """A split with the memory that it takes for one request, on any GPU."""

    split: Parallelism
    reservation: Reservation
    fixed: float
    """GiB on the fullest GPU without sequences."""
    sequence: float
    """GiB of one sequence of the requested length."""
    total: float
    """GiB on the fullest GPU for the requested context and concurrency."""
    works: dict[int, Work] = field(default_factory=dict)
    """Work by sequences in flight, filled on demand."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class ServingEstimate:
    """Result for one machine: a split and its figures, or the reasons against all splits."""

    nodes: int
    split: Parallelism
    memory: Memory
    max_context_tokens: int = 0
    max_concurrency: int = 0
    concurrency: int = 0
    speed: Speed | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def fields(self, *, gpus_per_node: int, dtype: str, with_speed: bool = True) -> EstimateFields:
        """Return the fields of a candidate; `with_speed` False leaves the speed out."""
        split, speed = self.split, self.speed if with_speed else None
        return EstimateFields(
            nodes=self.nodes,
            gpus_per_node=gpus_per_node,
            tensor_parallel=split.tensor,
            pipeline_parallel=split.pipeline,
            data_parallel=split.data,
            expert_parallel=split.expert,
            mig_profile="",
            sharding="none",
            dtype=dtype,
            max_context_tokens=self.max_context_tokens,
            max_concurrency=self.max_concurrency,
            concurrency=self.concurrency,
            gpu_memory_gib=self.memory,
            tokens_per_second=speed.tokens_per_second if speed else None,
            time_to_first_token_ms=speed.time_to_first_token_ms if speed else None,
            inter_token_latency_ms=speed.inter_token_latency_ms if speed else None,
        )


class ServingEstimator:
    """Estimates of one request on many machines; memory and work of each split are computed once."""

    def __init__(self, request: Request, profile: ModelProfile) -> None:
        self.request = request
        self.profile = profile
        self.context = request.context
        self.required = request.concurrency or 1
        """Sequences that must fit at once."""
        self._offline = request.task == "batch"
        self._utilization = request.gpu_memory_utilization
        self._splits: dict[tuple[int, int], tuple[tuple[SplitMemory, ...], ...]] = {}
        self._smallest: dict[tuple[int, int], SplitMemory] = {}
        self._obstacles: dict[int, str | None] = {}

    def estimate(self, machine: Machine) -> ServingEstimate:
        """Estimate the fastest split on the fewest nodes of that machine that hold the model."""
        budget = machine.memory_gib * self._utilization
        for nodes in range(1, self.request.max_nodes + 1):
            if self.find_smallest(machine.gpus, nodes).total <= budget:
                return self._fastest(machine, nodes, budget)
        return self._refused(machine, budget)

    def list_splits(self, gpus: int, nodes: int) -> tuple[tuple[SplitMemory, ...], ...]:
        """List every split over so many nodes in groups of equal tensor and expert sizes, short pipelines first."""
        key = (gpus, nodes)
        if key not in self._splits:
            groups: dict[tuple[int, int], list[SplitMemory]] = {}
            for split in list_splits(self.profile, gpus, nodes):
                groups.setdefault((split.tensor, split.expert), []).append(self._measure(split))
            self._splits[key] = tuple(map(tuple, groups.values()))
        return self._splits[key]

    def find_smallest(self, gpus: int, nodes: int) -> SplitMemory:
        """Find the split that takes the least memory of a GPU."""
        key = (gpus, nodes)
        if key not in self._smallest:
            self._smallest[key] = min(chain(*self.list_splits(gpus, nodes)), key=lambda memory: memory.total)
        return self._smallest[key]

    def find_obstacle(self, gpus: int) -> str | None:
        """Return the reason against dividing the model over all GPUs of a node, or None."""
        if gpus not in self._obstacles:
            self._obstacles[gpus] = find_split_obstacle(self.profile, gpus)
        return self._obstacles[gpus]

    def _measure(self, split: Parallelism) -> SplitMemory:
        reservation = estimate_reservation(self.profile, split, self._chunk)
        fixed, sequence = reservation.fixed, reservation.sequence(self.context)
        total = fixed + sequence * math.ceil(self.required / split.data)
        return SplitMemory(split, reservation, fixed, sequence, total)

    @property
    def _chunk(self) -> int:
        """Tokens of one prefill step, never more than all sequences have."""
        return min(self.request.max_batch_tokens, self.context * max(self.required, USUAL_CONCURRENCY))

    def _fastest(self, machine: Machine, nodes: int, budget: float) -> ServingEstimate:
        best: tuple[float, SplitMemory, int, int, Speed] | None = None
        for group in self.list_splits(machine.gpus, nodes):
            for memory in group:
                if memory.total <= budget:
                    break  # A longer pipeline than needed only adds latency.
            else:
                continue
            capacity = self._capacity(memory, budget)
            load = self._load(capacity, memory.split)
            speed = estimate_speed(self._work(memory, load), machine)
            if best is None or speed.tokens_per_second > best[0]:
                best = (speed.tokens_per_second, memory, capacity, load, speed)
        assert best is not None  # noqa: S101 - the caller saw that one split fits
        _, memory, capacity, load, speed = best
        reservation = memory.reservation
        longest = min(reservation.longest(budget - memory.fixed), self.request.model.max_context_tokens)
        sequences = math.ceil(self.required / memory.split.data)
        return ServingEstimate(
            nodes=nodes,
            split=memory.split,
            memory=reservation.memory(self.context, sequences).on(machine.memory_gib),
            max_context_tokens=max(longest, self.context),
            max_concurrency=capacity,
            concurrency=load,
            speed=speed,
            notes=self._notes(machine, memory.split),
        )

    def _capacity(self, memory: SplitMemory, budget: float) -> int:
        if memory.sequence <= 0:
            return SEQUENCES_PER_STEP * memory.split.data
        sequences = math.floor((budget - memory.fixed) / memory.sequence + 1e-9)
        return max(sequences * memory.split.data, self.required)

    def _load(self, capacity: int, split: Parallelism) -> int:
        if self._offline:
            return min(capacity, SEQUENCES_PER_STEP * split.data)
        return self.request.concurrency or min(capacity, USUAL_CONCURRENCY)

    def _work(self, memory: SplitMemory, sequences: int) -> Work:
        if sequences not in memory.works:
            prompt = max(1, round(self.context * self.request.prompt_share))
            output = max(1, self.context - prompt)
            work = estimate_work(self.profile, memory.split, prompt=prompt, output=output, sequences=sequences)
            memory.works[sequences] = work
        return memory.works[sequences]

    def _notes(self, machine: Machine, split: Parallelism) -> tuple[str, ...]:
        obstacle = self.find_obstacle(machine.gpus) if split.tensor < machine.gpus else None
        return (obstacle,) if obstacle else ()

    def _refused(self, machine: Machine, budget: float) -> ServingEstimate:
        nodes = self.request.max_nodes
        smallest = self.find_smallest(machine.gpus, nodes)
        split = smallest.split
        memory = smallest.reservation.memory(self.context, math.ceil(self.required / split.data))
        reasons = [
            f"needs {smallest.total - budget:.1f} GiB more per GPU: {smallest.total:.1f} GiB (weights "
            f"{memory.weights_gib:.1f}, cache {memory.kv_cache_gib:.1f}), but a server may use {budget:.1f} of "
            f"{machine.memory_gib:.1f} GiB, even with {split} on {f'{nodes} nodes' if nodes > 1 else 'one node'}"
        ]
        obstacle = self.find_obstacle(machine.gpus)
        if obstacle:
            reasons.append(obstacle)
        return ServingEstimate(nodes, split, memory.on(machine.memory_gib), reasons=tuple(reasons))

"""A process's place in the run: its rank, how many there are, and the device it computes on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from modelyard.workloads.failure import UserError
from torch import distributed

PATIENCE = timedelta(hours=2)
"""How long a worker waits for the others: rank 0 may tokenise or evaluate while they wait."""


@dataclass(frozen=True)
class Place:
    """One worker among `world`."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this worker is the one that writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Waits for all workers."""
        if self.world > 1:
            distributed.barrier()

    def total(self, *numbers: float) -> list[float]:
        """Each number, summed over all workers."""
        if self.world == 1:
            return list(numbers)
        # gloo and nccl both sum doubles; nccl only on its device.
        tensor = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(tensor)
        return tensor.tolist()

    def from_leader(self, thing: Any) -> Any:
        """What the leading worker passed in."""
        if self.world == 1:
            return thing
        box = [thing]
        distributed.broadcast_object_list(box, src=0, device=self.device if self.device.type == "cuda" else None)
        return box[0]


def device_for(use_gpu: bool | None, local_rank: int = 0) -> torch.device:  # noqa: FBT001 - a field of the configuration
    """The device of a worker that is the `local_rank`-th of its machine.

    Raises:
        UserError: a GPU is demanded and CUDA sees none.
    """
    if use_gpu is False:
        return torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", local_rank % torch.cuda.device_count())
        torch.cuda.set_device(device)
        return device
    if use_gpu:
        raise UserError("use_gpu is true, but this worker sees no CUDA device; leave use_gpu out, or give it a GPU")
    return torch.device("cpu")


@contextmanager
def from_environment(use_gpu: bool | None) -> Iterator[Place]:  # noqa: FBT001 - a field of the configuration
    """The place that torchrun's variables name; alone without them."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    device = device_for(use_gpu, int(os.environ.get("LOCAL_RANK", "0")))
    if world == 1:
        yield Place(0, 1, device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Place(rank, world, device)
    finally:
        distributed.destroy_process_group()

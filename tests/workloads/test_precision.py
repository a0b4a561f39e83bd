"""Which number format is chosen for which device."""

import pytest
import torch
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune.precision import choose_format

pytestmark = pytest.mark.workloads


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch):
    """Lets torch report a GPU of a given compute capability; the choice is all that is tested."""

    def of(capability: tuple[int, int]):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device=None: capability)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device=None: "Some GPU")
        return torch.device("cuda")

    return of


@pytest.mark.parametrize(
    ("capability", "wanted", "name", "reason"),
    [
        ((9, 0), "auto", "bf16", "natively"),
        ((8, 0), "auto", "bf16", "natively"),
        ((7, 5), "auto", "fp16", "not for bf16; the loss is scaled"),
        ((7, 0), "auto", "fp16", "tensor cores"),
        ((6, 1), "auto", "fp32", "no tensor cores"),
        ((7, 5), "bf16", "bf16", "emulated there, and slow"),
        ((8, 0), "fp32", "fp32", "as configured"),
    ],
)
def test_by_compute_capability(pretend, capability, wanted, name, reason):
    chosen = choose_format(wanted, pretend(capability))
    assert chosen.name == name
    assert reason in chosen.reason
    assert "Some GPU" in chosen.reason
    assert chosen.scales_loss is (name == "fp16")


def test_on_the_cpu():
    cpu = torch.device("cpu")
    assert choose_format("auto", cpu).name == "fp32"
    with choose_format("bf16", cpu).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    with pytest.raises(UserError, match="fp16 needs a GPU; allowed on CPU are auto, fp32 and bf16"):
        choose_format("fp16", cpu)

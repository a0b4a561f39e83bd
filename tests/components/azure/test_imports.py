"""Validation of Azure's components loads no SDK: programs validate files of clouds that are not installed."""

import subprocess
import sys

PROGRAM = """
import sys
import modelyard.components.azure.capacity
import modelyard.components.azure.cluster.spec
import modelyard.components.azure.node_pool.spec
print([name for name in ("pulumi_azure_native", "pulumi_kubernetes", "httpx") if name in sys.modules])
"""


def test_validation_loads_no_sdk():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert run.stdout == "[]\n", run.stderr

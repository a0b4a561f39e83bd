"""Storage: buckets for models and checkpoints, kept when their stack is destroyed.

Each is loaded when it is first asked for: a program for one cloud loads no SDK of another.
"""

from typing import TYPE_CHECKING

from modelyard.components.on_demand import loader

if TYPE_CHECKING:
    from modelyard.components.storage.aws_model_buckets import AwsModelBuckets, AwsModelBucketsArgs
    from modelyard.components.storage.azure_model_containers import AzureModelContainers, AzureModelContainersArgs

_MODULES = {"AwsModelBuckets": "aws_model_buckets", "AzureModelContainers": "azure_model_containers"}
"""Where each component, and the type of its arguments, is defined."""

__all__ = ["AwsModelBuckets", "AwsModelBucketsArgs", "AzureModelContainers", "AzureModelContainersArgs"]

__getattr__ = loader(__name__, _MODULES)

"""Operators of the platform, how each is installed, and what each needs first."""

from modelyard.components.operators.kube_ray import KubeRay, KubeRayArgs
from modelyard.components.operators.kueue import Kueue, KueueArgs

__all__ = ["KubeRay", "KubeRayArgs", "Kueue", "KueueArgs"]

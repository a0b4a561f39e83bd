"""Operators of the platform, how each is installed, and what each needs first."""

from modelyard.components.kubernetes.operators.kube_ray import KubeRay, KubeRayArgs
from modelyard.components.kubernetes.operators.kueue import Kueue, KueueArgs

__all__ = ["KubeRay", "KubeRayArgs", "Kueue", "KueueArgs"]

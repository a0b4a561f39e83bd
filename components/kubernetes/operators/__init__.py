"""Operators of the platform, their installation and their prerequisites."""

from modelyard.components.kubernetes.operators.kube_ray import KubeRay, KubeRayArgs
from modelyard.components.kubernetes.operators.kueue import Kueue, KueueArgs

__all__ = ["KubeRay", "KubeRayArgs", "Kueue", "KueueArgs"]

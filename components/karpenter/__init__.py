"""GPU node pools that Karpenter provisions."""

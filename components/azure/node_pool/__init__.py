"""AksGpuNodePool: arguments, validated spec, and one agent pool."""

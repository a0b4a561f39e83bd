"""AksGpuNodePool: its arguments, their validation, and one agent pool."""

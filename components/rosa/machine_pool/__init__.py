"""RosaGpuMachinePool: arguments, validated spec, and one machine pool."""

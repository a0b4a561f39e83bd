"""Models that modelyard knows: one YAML file each."""

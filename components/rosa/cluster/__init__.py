"""ROSA cluster: arguments, validated spec, and component."""

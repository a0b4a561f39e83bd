"""The environment file as typed, frozen models."""

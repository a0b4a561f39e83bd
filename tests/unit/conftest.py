"""Loads the real Pulumi SDK before `tools.plugins.protocol`, which would register a bare package in its place."""

import pulumi  # noqa: F401

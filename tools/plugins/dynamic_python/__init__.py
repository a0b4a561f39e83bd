"""Offline stand-in of Pulumi's plugin for dynamic resources in Python (`pulumi-resource-pulumi-python`).

`launch` chooses the program's interpreter; `serve` runs the SDK's own `pulumi.dynamic` in it.
"""

"""Engines of this release: the models, methods, splits and number formats that each runs, as data.

One YAML file is one engine, and `engine.Engine` reads it; no engine has code here. Planner, environment files,
components and containers ask the same tables, so that whatever is planned can be run. The tables describe the pinned
versions: tests/workloads/test_engines.py builds a tiny model of every family and trains it or serves it, and fails when
a table no longer tells the truth. This package is pure: no torch, no Ray.
"""

"""`make up`: from an environment file to a served, fine-tuned model, in stages that can each be run again.

`stages` is the table of contents. `stack` runs Pulumi, `cluster` objects are read through `watch`, `ask` talks to the
served model, `report` tells the person. Interrupted anywhere, the same command goes on.
"""

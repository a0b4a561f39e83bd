"""`make up`: from an environment file to a served, fine-tuned model, in stages that can each be run again.

`stages` is the table of contents. `stack` runs Pulumi, `objects` reads from the cluster, `watch` follows the job, `ask`
talks to the served model, `report` prints the result. After an interruption the same command continues.
"""

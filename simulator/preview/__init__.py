"""`make preview`: the plan of an environment on a machine without credentials, clouds and clusters.

The program, the engine and the policies are the real ones. The clouds are simulated (`simulator/clouds`), an existing
cluster is not asked (`planned_kubernetes`), and all files are in a folder that is removed at the end (`project`).
`plan` reads the engine's events, `groups` assigns resources to parts of the platform, `properties` selects their
inputs, `text` formats the plan for a person.
"""

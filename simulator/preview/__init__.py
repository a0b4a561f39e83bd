"""`make preview`: the plan of an environment on a machine without credentials, clouds and clusters.

The program, the engine and the policies are the real ones. The clouds are simulated (`simulator/clouds`), a cluster
that is said to exist is taken on trust (`planned_kubernetes`), and everything lies in a folder that is removed at the
end (`project`). `steps` reads what the engine plans, `groups` says what belongs together, `properties` what matters of
it, `report` tells the person.
"""

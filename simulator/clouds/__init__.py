"""Simulated clouds: the Pulumi providers `azure-native` and `aws` without an account, a network or a bill.

They speak Pulumi's ResourceProvider protocol, so engine, programs, policies and state are the real ones. Their contents
are files in a folder that an environment variable names; without it they refuse to run. docs/simulated-clouds.md lists
the behaviour that is true to the clouds and the approximations.

One module per concern: `reflection` and `schemas` (types of the installed SDK), `checking` (inputs against them),
`planning` (outputs of a preview), `account` (contents of the cloud), `faults` (declared failures), `resource_type`
(rules of a type, as data), `operations` (create, read, update, delete), `provider` (the gRPC service), `launch` (entry
point of the executables). `azure` and `aws` have the tables of their types and functions.
"""

"""Simulated clouds: the Pulumi providers `azure-native` and `aws` without an account, a network or a bill.

They speak Pulumi's ResourceProvider protocol, so engine, programs, policies and state are the real ones. What they
simulate is kept in a folder that the environment names; without it they refuse to run. docs/simulated-clouds.md says
what is true to the clouds and what is approximated.

One module per concern: `reflection` and `shapes` (the types of the installed SDK), `checking` (inputs against them),
`planning` (outputs of a preview), `account` (what exists in the cloud), `faults` (what goes wrong), `resource_type`
(what a type is made of: data), `operations` (create, read, update, delete), `provider` (the gRPC service). `azure` and
`aws` hold the tables of their types and functions.
"""

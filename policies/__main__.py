"""Policy server that `pulumi preview --policy-pack policies` starts; it runs until the engine ends it."""

from modelyard.policies.pack import policies
from pulumi_policy import PolicyPack

PolicyPack(name="modelyard", policies=list(policies()))

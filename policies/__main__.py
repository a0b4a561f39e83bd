"""What the engine starts: `pulumi preview --policy-pack policies`. Serves the policies until the engine ends it."""

from modelyard.policies.pack import policies
from pulumi_policy import PolicyPack

PolicyPack(name="modelyard", policies=list(policies()))

"""The Pulumi program: one environment file in, one platform out."""

import pulumi
from modelyard.components.clusters.kubeconfig import KubeconfigError
from modelyard.components.node_pools.pool import PoolError
from modelyard.components.operators.installer import InstallerError
from modelyard.components.operators.prerequisites import PrerequisiteError
from modelyard.stacks import clusters
from modelyard.stacks.complaints import EnvironmentFileError
from modelyard.stacks.gpu_platform import compose
from modelyard.stacks.reached import NoAccessError
from modelyard.stacks.reading import read

#: What a person did wrong, told without a traceback. Anything else is our fault, and keeps its own.
USER_ERRORS = (EnvironmentFileError, InstallerError, KubeconfigError, NoAccessError, PoolError, PrerequisiteError)


def main() -> None:
    """Read, compose, export."""
    config = pulumi.Config("modelyard")
    try:
        environment = read(config.get_object("environment"), f"Pulumi.{pulumi.get_stack()}.yaml")
        if not pulumi.runtime.is_dry_run():
            clusters.sign_in(environment)
        outputs = compose(environment, config.get_secret("servingKey"))
    except USER_ERRORS as wrong:
        raise pulumi.RunError(str(wrong)) from None
    for name, value in outputs.items():
        pulumi.export(name, value)


main()

"""The Pulumi program: one environment file in, one platform out."""

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.kubeconfig import KubeconfigError
from modelyard.components.kubernetes.operators.installer import InstallerError
from modelyard.components.kubernetes.operators.prerequisites import PrerequisiteError
from modelyard.stacks.deploy import compose
from modelyard.stacks.platforms import clusters
from modelyard.stacks.platforms.context import NoAccessError
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read

#: What a person did wrong, told without a traceback. Anything else is our fault, and keeps its own.
USER_ERRORS = (EnvironmentFileError, InstallerError, KubeconfigError, NoAccessError, ArgumentError, PrerequisiteError)


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

"""The Pulumi program: an environment file in, a platform out."""

import pulumi
from modelyard.components.common.errors import UserError
from modelyard.stacks.deploy import deploy
from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

SERVING_KEY = "modelyard:servingKey"
"""Key of the stack's configuration with the bearer token of every server."""


def main() -> None:
    """Read, deploy, export. Faults of people are reported without a traceback; any other error keeps its own."""
    config = pulumi.Config("modelyard")
    try:
        validated = read_environment(config.get_object("environment"), f"Pulumi.{pulumi.get_stack()}.yaml")
        for note in validated.notes:
            pulumi.log.warn(f"{KEY}: {note}")
        serving_key = config.get_secret(SERVING_KEY.partition(":")[2])
        if serving_key is not None and not pulumi.runtime.is_config_secret(SERVING_KEY):
            raise EnvironmentFileError(
                f"{SERVING_KEY} is in clear in the stack's file; keep it as a secret: pulumi config set --secret "
                f"{SERVING_KEY}"
            )
        if not pulumi.runtime.is_dry_run():
            validated.platform.authenticate(validated.environment)
        outputs = deploy(validated, serving_key)
    except UserError as error:
        raise pulumi.RunError(str(error)) from None
    for name, value in outputs.items():
        pulumi.export(name, value)


main()

"""Command line of `make preview`."""

import argparse
import json
import sys

from modelyard.stacks.validation.messages import EnvironmentFileError

from simulator.preview.plan import read_plan
from simulator.preview.project import prepare_stack
from simulator.preview.text import format_text
from tools.up.stack import Event, PulumiFailedError


def main() -> int:
    """Print the plan.

    Returns:
        Exit code: 0 planned, 1 refused with a sentence, 130 interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="python -m simulator.preview",
        description="Show the resources of an environment, with policies and estimated cost, without a cloud account: "
        "the clouds are simulated.",
        epilog="example: python -m simulator.preview --env aks-dev --set 'node_pools[0].max_nodes=4'",
    )
    parser.add_argument(
        "--env", required=True, metavar="NAME",
        help="Pulumi.NAME.yaml to plan, or the path of one that is kept elsewhere",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="overrides",
        help="override one value of the environment, with the path syntax of `pulumi config set --path`",
    )  # fmt: skip
    parser.add_argument("--properties", action="store_true", help="show each resource's properties")
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")
    arguments = parser.parse_args()
    if malformed := [pair for pair in arguments.overrides if "=" not in pair]:
        parser.error(f"--set: expected PATH=VALUE, got {malformed[0]!r}")
    events: list[Event] = []
    try:
        with prepare_stack(arguments.env, dict(pair.split("=", 1) for pair in arguments.overrides)) as stack:
            stack.preview(events.append)
            plan = read_plan(stack.workspace.environment, events)
    except (EnvironmentFileError, PulumiFailedError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        print(json.dumps(plan.as_dict(), indent=2))
    else:
        print(format_text(plan, properties=arguments.properties), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

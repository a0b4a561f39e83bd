"""Command line of `make up` and `make down`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from tools.up import stages
from tools.up.errors import EXPECTED, describe_full_disk
from tools.up.workspace import Workspace


def main() -> int:
    """Run the command.

    Returns:
        Exit code: 0 done, 1 refused or failed with a sentence, 130 interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.up",
        description="Bring an environment up (cluster, platform, main job, served model), or down.",
        epilog="example: python -m tools.up --env local --set 'teams[0].quota.gpus=2'",
    )
    parser.add_argument(
        "--env", default="local", metavar="NAME",
        help="Pulumi.NAME.yaml to use, or the path of one that is kept elsewhere (default: local)",
    )  # fmt: skip
    parser.add_argument("--instance", default="", metavar="NAME", help="name of a local cluster other than `local`")
    parser.add_argument("--kubeconfig", type=Path, help="the cluster to use, for every environment but local")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="overrides",
        help="override one value of the environment, with the path syntax of `pulumi config set --path`",
    )  # fmt: skip
    parser.add_argument("--preview", action="store_true", help="show what would change, change nothing")
    parser.add_argument("--down", action="store_true", help="remove everything that `up` created")
    parser.add_argument("--json", action="store_true", help="print the result as JSON on standard output at the end")
    arguments = parser.parse_args()
    console = Console(stderr=arguments.json)
    if malformed := [pair for pair in arguments.overrides if "=" not in pair]:
        parser.error(f"--set: expected PATH=VALUE, got {malformed[0]!r}")
    try:
        request = stages.Request(
            workspace=Workspace.from_name(arguments.env, arguments.instance),
            kubeconfig=arguments.kubeconfig,
            overrides=dict(pair.split("=", 1) for pair in arguments.overrides),
        )
        if arguments.down:
            stages.down(request, console)
        elif arguments.preview:
            stages.preview(request, console)
        else:
            file = stages.up(request, console)
            if arguments.json:
                print(file.read_text(), end="")
    except EXPECTED as error:
        console.print("stopped:", style="red", end=" ")
        # No markup: square brackets in the text are paths of the environment, not styles.
        console.print(str(error), highlight=False, soft_wrap=True, markup=False)
        if hint := describe_full_disk():
            console.print(hint, highlight=False, soft_wrap=True, markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; run the same command again to continue", highlight=False)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Pulumi plugins for machines that cannot download the official ones: Python language host and Kubernetes provider.

They speak Pulumi's own gRPC protocol, are used only where the official plugins cannot be had, and say so in every run.
The simulated clouds are installed with them; they live in `simulator`, and nothing here imports them.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup.locations import BIN, CHECKOUT, LOCAL

PLUGINS = {
    "pulumi-language-python": CHECKOUT / "tools" / "plugins" / "bin",
    "pulumi-resource-kubernetes": CHECKOUT / "tools" / "plugins" / "bin",
    "pulumi-resource-pulumi-python": CHECKOUT / "tools" / "plugins" / "bin",
    "pulumi-resource-azure-native": CHECKOUT / "simulator" / "bin",
    "pulumi-resource-aws": CHECKOUT / "simulator" / "bin",
}
"""Folder of each stand-in, by the name under which Pulumi looks for it."""


def find_official_plugin(name: str, path: str | None = None) -> Path | None:
    """Find an official plugin on PATH outside this checkout, or in Pulumi's plugin folder; None without one.

    Args:
        name: such as `pulumi-resource-kubernetes`.
        path: the search path, $PATH by default.
    """
    folders = [folder for folder in (path or os.environ.get("PATH", "")).split(os.pathsep) if folder]
    outside = [folder for folder in folders if not Path(folder).resolve().is_relative_to(CHECKOUT)]
    if executable := shutil.which(name, path=os.pathsep.join(outside)):
        return Path(executable)
    kind, plugin = name.removeprefix("pulumi-").split("-", 1)
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    installed = sorted(home.joinpath("plugins").glob(f"{kind}-{plugin}-v*/{name}"))
    return installed[-1] if installed else None


def install(folder: Path = BIN) -> dict[str, Path]:
    """Link the plugins that have no official counterpart into `folder`; remove our link where an official one exists.

    Returns:
        The executable that Pulumi will find, by plugin.
    """
    folder.mkdir(parents=True, exist_ok=True)
    executables: dict[str, Path] = {}
    for name, source in PLUGINS.items():
        link = folder / name
        official = find_official_plugin(name)
        if official:
            link.unlink(missing_ok=True)
        elif not (link.is_symlink() and link.readlink() == source / name):
            # In one step: another process may be starting the plugin.
            unfinished = folder / f".{name}.{os.getpid()}"
            unfinished.unlink(missing_ok=True)
            unfinished.symlink_to(source / name)
            unfinished.replace(link)
        executables[name] = official or link
    return executables


def environment(
    *,
    backend_url: str,
    passphrase_file: Path | None = None,
    home: Path = LOCAL / "pulumi",
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Build the environment in which `pulumi` runs offline, with the executables of this checkout first.

    Args:
        backend_url: URL of the state, such as `file:///…/.local/state`; its folder must exist.
        passphrase_file: file with the passphrase of secrets, so that it never enters a command line.
        home: Pulumi's own folder (credentials, workspaces, plugins), apart from the user's `~/.pulumi`.
        base: environment to start from, that of this process by default.
    """
    variables = dict(os.environ if base is None else base)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _turn_off_automatic_log(home)
    variables |= {
        "PATH": f"{BIN}{os.pathsep}{variables.get('PATH', os.defpath)}",
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": backend_url,
        # Nothing may be looked up or downloaded.
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
        # `pulumi --event-log`, which the tools read for progress, is a debug command.
        "PULUMI_DEBUG_COMMANDS": "true",
        # An Output put into a string is a mistake that would otherwise become the text of a warning.
        "PULUMI_ERROR_OUTPUT_STRING": "true",
    }
    if passphrase_file is not None:
        variables.pop("PULUMI_CONFIG_PASSPHRASE", None)
        variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file)
    return variables


def _turn_off_automatic_log(home: Path) -> None:
    """Keep the engine from writing a verbose log of every command, with all inputs, to `home/logs`.

    The log has no switch (pkg/v3/logging/encrypted.go of Pulumi 3.259), grows by megabytes a command and costs about
    half of the engine's time. The engine continues without it when a file stands in place of the folder.
    """
    logs = home / "logs"
    if logs.is_dir():
        shutil.rmtree(logs, ignore_errors=True)
    if not logs.exists():
        logs.touch(mode=0o600)

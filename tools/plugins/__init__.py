"""Pulumi plugins for machines that cannot download the official ones: Python language host and Kubernetes provider.

They speak Pulumi's own gRPC protocol, are used only where the official plugins cannot be had, and say so in every run.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup.locations import BIN, CHECKOUT, LOCAL

PLUGINS = (
    "pulumi-language-python",
    "pulumi-resource-kubernetes",
    "pulumi-resource-pulumi-python",
    "pulumi-resource-azure-native",
    "pulumi-resource-aws",
)


def official(name: str, path: str | None = None) -> Path | None:
    """An official plugin of this name, on PATH outside this checkout or in Pulumi's plugin folder; None without one.

    Args:
        name: such as `pulumi-resource-kubernetes`.
        path: the search path, $PATH by default.
    """
    folders = [folder for folder in (path or os.environ.get("PATH", "")).split(os.pathsep) if folder]
    outside = [folder for folder in folders if not Path(folder).resolve().is_relative_to(CHECKOUT)]
    if found := shutil.which(name, path=os.pathsep.join(outside)):
        return Path(found)
    kind, plugin = name.removeprefix("pulumi-").split("-", 1)
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    installed = sorted(home.joinpath("plugins").glob(f"{kind}-{plugin}-v*/{name}"))
    return installed[-1] if installed else None


def install(folder: Path = BIN) -> dict[str, Path]:
    """Put the plugins that have no official counterpart into `folder`, as links; remove our links where there is one.

    Returns:
        For each plugin, the executable that Pulumi will find.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen: dict[str, Path] = {}
    for name in PLUGINS:
        link = folder / name
        found = official(name)
        if link.is_symlink() or link.exists():
            link.unlink()
        if found is None:
            link.symlink_to(CHECKOUT / "tools" / "plugins" / "bin" / name)
        chosen[name] = found or link
    return chosen


def environment(
    *,
    backend_url: str,
    passphrase_file: Path | None = None,
    home: Path = LOCAL / "pulumi",
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment in which `pulumi` runs offline, with the executables of this checkout first.

    Args:
        backend_url: URL of the state, such as `file:///…/.local/state`; its folder must exist.
        passphrase_file: holds the passphrase of secrets. The passphrase itself never enters a command line.
        home: Pulumi's own folder (credentials, workspaces, plugins); kept out of the person's `~/.pulumi`.
        base: the environment to start from, that of this process by default.
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
        # `pulumi --event-log`, from which the tools read what happened, is a debug command.
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

    It has no switch (pkg/v3/logging/encrypted.go of Pulumi 3.259) , grows by megabytes a command and
    costs about half of the engine's time; the engine goes on without it when the folder cannot be made, because a file
    is there.
    """
    logs = home / "logs"
    if logs.is_dir():
        shutil.rmtree(logs, ignore_errors=True)
    if not logs.exists():
        logs.touch(mode=0o600)

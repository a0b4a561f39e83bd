"""The language host's gRPC service: it describes Python programs to the engine and runs them."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2

from tools.plugins.engine_log import EngineLog
from tools.plugins.language_python.children import Children
from tools.plugins.language_python.executor import find_executor
from tools.plugins.language_python.interpreter import Interpreter, InterpreterError, interpreter_of
from tools.plugins.language_python.plugin_program import plugin_command, stream
from tools.plugins.protocol import language_pb2, language_pb2_grpc, plugin_pb2
from tools.plugins.serving import serve

NOTICE = "Python programs are run by modelyard's offline stand-in of pulumi-language-python."

# Exit code of the executor after it has shown the error itself (pulumi-language-python-exec).
_ERROR_ALREADY_SHOWN = 32

# Code that prints the distributions of an interpreter; it runs inside it, without our modules.
_LIST_DISTRIBUTIONS = (
    "import importlib.metadata as m, json;"
    "print(json.dumps(sorted({(d.metadata['Name'] or '', d.version) for d in m.distributions()})))"
)


class PythonLanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Pulumi's `LanguageRuntime` for Python.

    Args:
        engine_address: `host:port` of the engine, the last argument of the host.
    """

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._log = EngineLog(engine_address)
        self.children = Children()

    # -- about the host ----------------------------------------------------------------------------------------------

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address, unless an argument had it."""
        if not self._engine_address and request.engine_address:
            self._engine_address = request.engine_address
            self._log = EngineLog(request.engine_address)
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version of the SDK whose protocol this host speaks; its build part marks the stand-in."""
        return plugin_pb2.PluginInfo(version=f"{importlib.metadata.version('pulumi')}+modelyard.offline")

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Describe the interpreter of the program."""
        python = _interpreter(request.info, context)
        version = subprocess.run(
            [str(python.executable), "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=False,
        )
        return language_pb2.AboutResponse(
            executable=str(python.executable),
            version=version.stdout.strip(),
            metadata={"language host": "modelyard offline stand-in"},
        )

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Ask no options: `virtualenv` is optional, and other tool chains are not offered offline."""
        return language_pb2.RuntimeOptionsResponse()

    # -- about a program ---------------------------------------------------------------------------------------------

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """Require no plugin, as `GetRequiredPackages`."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Require no package in advance.

        The official host lists every installed `pulumi_*` package so that the CLI downloads its plugin before the
        program starts. Offline that would fail for packages that are installed and never used; here the engine looks
        a plugin up when its first resource is registered.
        """
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List the distributions of the program's interpreter; without `transitive` only Pulumi's."""
        python = _interpreter(request.info, context)
        result = subprocess.run(
            [str(python.executable), "-c", _LIST_DISTRIBUTIONS], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            context.abort(grpc.StatusCode.UNKNOWN, f"cannot list the packages of {python.executable}: {result.stderr}")
        distributions = [(name, version) for name, version in json.loads(result.stdout) if name]
        if not request.transitiveDependencies:
            distributions = [(name, version) for name, version in distributions if name.lower().startswith("pulumi")]
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in distributions]
        )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing, with a message: `uv` creates environments from the lock file."""
        python = _interpreter(request.info, context)
        text = f"Dependencies are not installed by the offline language host; {python.executable} is used as it is.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    # -- running -----------------------------------------------------------------------------------------------------

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run a program in a process of its own, through Pulumi's executor script."""
        self._log.once(NOTICE)
        try:
            python = interpreter_of(request.info)
            command = _program_command(request, python, self._engine_address)
        except (InterpreterError, FileNotFoundError) as error:
            return language_pb2.RunResponse(error=str(error))
        environment = python.environment(
            {
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            }
        )
        child = self.children.start(command, cwd=Path(request.pwd or "."), environment=environment, capture=False)
        context.add_callback(lambda: self.children.end(child))
        code = self.children.finish(child)
        if code == 0:
            return language_pb2.RunResponse()
        if code == _ERROR_ALREADY_SHOWN:
            return language_pb2.RunResponse(bail=True)
        if code < 0:
            return language_pb2.RunResponse(error=f"Program was ended by signal {-code}")
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack or a component package in Python, and stream its output."""
        python = _interpreter(request.info, context)
        extra = dict(entry.split("=", 1) for entry in request.env if "=" in entry)
        child = self.children.start(
            plugin_command(request, python),
            cwd=Path(request.pwd or request.info.program_directory or "."),
            environment=python.environment(extra),
            capture=True,
        )
        context.add_callback(lambda: self.children.end(child))
        yield from stream(child)
        yield language_pb2.RunPluginResponse(exitcode=self.children.finish(child))


def _interpreter(info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> Interpreter:
    try:
        return interpreter_of(info)
    except InterpreterError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise  # abort always raises; this tells the type checker


def _program_command(request: language_pb2.RunRequest, python: Interpreter, engine_address: str) -> list[str]:
    """Build the command line of the executor, without configuration, which is passed in the environment."""
    settings: dict[str, Any] = {
        "monitor": request.monitor_address,
        "engine": engine_address,
        "project": request.project,
        "stack": request.stack,
        "organization": request.organization,
        "root_directory": request.info.root_directory,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
    }
    command = [str(python.executable), "-u", str(find_executor())]
    for name, value in settings.items():
        if value:
            command += [f"--{name}", value]
    program = Path(request.info.program_directory or request.pwd)
    entry = request.info.entry_point or request.program
    return [*command, str(program / entry), *request.args]


def main(arguments: list[str]) -> None:
    """Serve the language host; the last argument is the engine's address, the flags before it are ignored."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    if not addresses:
        sys.exit("the engine's address is missing: pulumi-language-python is started by the Pulumi engine")
    host = PythonLanguageHost(addresses[-1])
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server), host.children.end_all)

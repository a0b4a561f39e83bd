"""Messages from a plugin to the person who runs `pulumi`: diagnostics and the status column of the display."""

import threading

import grpc
from google.protobuf.message import Message

from tools.plugins.protocol import engine_pb2, engine_pb2_grpc
from tools.plugins.serving import CHANNEL_OPTIONS

DEBUG = engine_pb2.DEBUG
INFO = engine_pb2.INFO
WARNING = engine_pb2.WARNING
ERROR = engine_pb2.ERROR


class EngineLog:
    """Client of the engine's log service. A lost message never fails an operation.

    Args:
        address: `host:port` of the engine; empty without an engine.
    """

    def __init__(self, address: str) -> None:
        self._stub = None
        if address:
            channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
            self._stub = engine_pb2_grpc.EngineStub(channel)
        self._once: set[str] = set()
        self._lock = threading.Lock()

    def _send(self, message: Message) -> None:
        if self._stub is None:
            return
        try:
            self._stub.Log(message, timeout=5)
        except grpc.RpcError:
            # The engine is shutting down and shows no messages any more.
            return

    def message(self, text: str, *, urn: str = "", severity: engine_pb2.LogSeverity.ValueType = INFO) -> None:
        """Show a diagnostic below the resource `urn`, or below the whole operation when it is empty."""
        self._send(engine_pb2.LogRequest(severity=severity, message=text, urn=urn))

    def once(self, text: str, *, urn: str = "", severity: engine_pb2.LogSeverity.ValueType = INFO) -> None:
        """Show a diagnostic unless the same text was shown before."""
        with self._lock:
            if text in self._once:
                return
            self._once.add(text)
        self.message(text, urn=urn, severity=severity)

    def status(self, text: str, *, urn: str) -> None:
        """Show `text` in the status column of `urn` while the operation runs; an empty text clears it."""
        self._send(engine_pb2.LogRequest(severity=INFO, message=text, urn=urn, ephemeral=True))

"""Life of a plugin process: it listens on a free local port, prints it, and ends with its engine.

The engine starts a plugin, reads one line with the port from its standard output, and calls it by gRPC.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures

import grpc

# The SDK's own limit (pulumi/runtime/_grpc_settings.py): states of big charts do not fit gRPC's default of 4 MiB.
_MAX_MESSAGE_BYTES = 1024 * 1024 * 400
CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
]

# Every resource that waits for readiness holds a thread; threads start only when needed.
_MAX_CALLS = 256

# A killed engine cannot stop its plugins. They notice within this time and end.
_PARENT_CHECK_SECONDS = 2.0


def serve(register: Callable[[grpc.Server], None], stop: Callable[[], None]) -> None:
    """Serve until the engine sends SIGINT or SIGTERM, or has ended.

    Args:
        register: adds the servicers to the server.
        stop: called once before the server closes; it ends waits and child processes.
    """
    server = grpc.server(futures.ThreadPoolExecutor(_MAX_CALLS), options=CHANNEL_OPTIONS)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())

    print(port, flush=True)
    parent = os.getppid()
    while not over.wait(_PARENT_CHECK_SECONDS):
        if os.getppid() != parent:
            break
    stop()
    server.stop(grace=0.5).wait()
    sys.stdout.flush()
    # Threads of blocked calls must not keep the process alive.
    os._exit(0)

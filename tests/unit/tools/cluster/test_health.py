"""The DNS question of the health check, against a server on this machine's loopback."""

import socket
import struct
import threading
from ipaddress import IPv4Address

import pytest

from tools.cluster import health


@pytest.fixture
def server(monkeypatch):
    """A UDP server that answers once with what the test puts into `answers`; port 53 is redirected to it."""
    channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    channel.bind(("127.0.0.1", 0))
    channel.settimeout(5)
    asked, answers = [], []

    def serve():
        query, client = channel.recvfrom(512)
        asked.append(query)
        channel.sendto(answers[0](query), client)

    real = socket.socket.connect
    port = channel.getsockname()[1]
    monkeypatch.setattr(
        socket.socket,
        "connect",
        lambda self, address: real(self, (address[0], port if address[1] == 53 else address[1])),
    )
    thread = threading.Thread(target=serve)
    thread.start()
    yield asked, answers
    thread.join()
    channel.close()


def reply(query, records, number=None):
    header = struct.pack(
        "!6H", struct.unpack("!H", query[:2])[0] if number is None else number, 0x8180, 1, len(records), 0, 0
    )
    return header + query[12:] + b"".join(records)


def record(kind, data, name=b"\xc0\x0c"):
    return name + struct.pack("!2HIH", kind, 1, 30, len(data)) + data


def ask():
    return health.resolve(IPv4Address("127.0.0.1"), "kubernetes.default.svc.cluster.local", timeout_seconds=2)


def test_addresses_are_read_past_other_records(server):
    asked, answers = server
    alias = record(5, b"\x05other\x00")
    plain = record(1, bytes([10, 96, 0, 1]), name=b"\x05other\x07cluster\x00")
    answers.append(lambda query: reply(query, [alias, plain]))
    assert ask() == [IPv4Address("10.96.0.1")]
    assert b"\x0akubernetes\x07default\x03svc\x07cluster\x05local\x00\x00\x01\x00\x01" in asked[0]


def test_unknown_name_has_no_addresses(server):
    server[1].append(lambda query: reply(query, []))
    assert ask() == []


def test_answer_to_another_query_is_ignored(server):
    server[1].append(
        lambda query: reply(query, [record(1, bytes(4))], number=(struct.unpack("!H", query[:2])[0] + 1) % 65536)
    )
    assert ask() == []

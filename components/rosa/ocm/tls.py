"""Whom connections trust. Reading the certificates takes 25 ms, and a stack has a dozen clients."""

import functools
import ssl

import httpx


@functools.cache
def trust() -> ssl.SSLContext:
    """The public authorities, read once in a process."""
    return httpx.create_ssl_context()

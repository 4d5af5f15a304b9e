"""Connections of httpcore that keep to the deadline of their thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpcore

from vidgate._deadline import remaining

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

STEP: Final = 64 * 1024
"""Bytes written under one look at the clock: the network underneath bounds each of its own steps only."""


class Network(httpcore.NetworkBackend):
    """Opens connections as the network that it is made from does."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _checked(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        left = _checked(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _checked(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), STEP):
            self._inner.write(buffer[start : start + STEP], _checked(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _checked(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _checked(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    left = remaining(timeout)
    if left is not None and left <= 0.0:
        raise late("the exchange takes too long")
    return left

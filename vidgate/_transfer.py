"""What a download holds open while its flow runs: the answer it reads, and through `_disk` the file it writes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from vidgate._coding import apieces, pieces
from vidgate._deadline import Deadline
from vidgate._disk import Disk
from vidgate._effects import OpenStream, ReadChunk, WriteChunk
from vidgate._foreign import translate
from vidgate._incoming import head
from vidgate._outgoing import anonymous
from vidgate._threads import to_its_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from vidgate._effects import Effect, Failure, Head, Part, Request
    from vidgate._secret import Secret


class Transfer:
    """Performs a download's effects over an `httpx.Client`; on the way out everything is closed."""

    def __init__(self, http: httpx.Client, secret: Secret) -> None:
        self._http = http
        self._secret = secret
        self._disk = Disk()
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())

    def perform(self, effect: Effect) -> Head | Part | Failure | bytes | None:
        match effect:
            case ReadChunk():
                return self._read()
            case OpenStream(request):
                self._leave()
                return self._open(request)
            case _:
                return self._disk.perform(effect)

    def close(self) -> None:
        with self._disk:
            self._leave()

    def _open(self, request: Request) -> Head | Failure:
        try:
            with Deadline(request.longest):
                self._response = self._http.send(anonymous(request), stream=True, auth=None, follow_redirects=False)
            answer = head(self._response, self._secret)
            self._chunks = pieces(self._response)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)
        return answer

    def _read(self) -> bytes | Failure:
        try:
            return next(self._chunks, b"")
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)

    def _leave(self) -> None:
        response, self._response, self._chunks = self._response, None, iter(())
        if response is not None:
            with contextlib.suppress(Exception):  # the bytes are here or lost already
                response.close()


class AsyncTransfer:
    """As `Transfer`, over an `httpx.AsyncClient`."""

    def __init__(self, http: httpx.AsyncClient, secret: Secret) -> None:
        self._http = http
        self._secret = secret
        self._disk = Disk()
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def perform(self, effect: Effect) -> Head | Part | Failure | bytes | None:
        match effect:
            case ReadChunk():
                return await self._read()
            case OpenStream(request):
                await self._leave()
                return await self._open(request)
            case WriteChunk():
                # A piece as the network gave it, into the page cache, is quicker than a hop to a thread. Larger pieces
                # would be collected first, and lost when the connection breaks.
                return self._disk.perform(effect)
            case _:
                return await to_its_end(self._disk.perform, effect)

    async def close(self) -> None:
        with self._disk:
            await self._leave()

    async def _open(self, request: Request) -> Head | Failure:
        import asyncio  # a sync client has no use for it

        try:
            async with asyncio.timeout(request.longest):
                self._response = await self._http.send(
                    anonymous(request), stream=True, auth=None, follow_redirects=False
                )
            answer = head(self._response, self._secret)
            self._chunks = apieces(self._response)
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)
        return answer

    async def _read(self) -> bytes | Failure:
        if self._chunks is None:
            return b""
        try:
            return await anext(self._chunks, b"")
        except Exception as error:  # noqa: BLE001 - the table has a row for every one
            return translate(error, self._secret)

    async def _leave(self) -> None:
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            with contextlib.suppress(Exception):  # the bytes are here or lost already
                await response.aclose()

"""Compressed answers, decoded in pieces of bounded size up to the end that the compression itself marks.

httpx hands on whatever a piece from the wire stands for, which can be gigabytes, and takes half a stream for a whole.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PIECE: Final = 1024**2
"""Bytes that one step decodes at most."""

GZIP: Final = frozenset({"gzip", "x-gzip"})
MEMBER: Final = b"\x1f\x8b"
"""How each member of a file of gzip begins; there may be several."""

_ANY_HEADER: Final = 32 + zlib.MAX_WBITS


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """The body as it was before it was compressed; raises httpx's errors."""
    decoder = _decoder(response)
    return response.iter_bytes() if decoder is None else _decoded(decoder, response)


def apieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """As `pieces`, of an async client."""
    decoder = _decoder(response)
    return response.aiter_bytes() if decoder is None else _adecoded(decoder, response)


class Decoder:
    """One answer's decompression."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_ANY_HEADER)
        self._fed = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if self._inflate.eof:
                    if not data.startswith(MEMBER):
                        return  # padding
                    self._inflate = zlib.decompressobj(_ANY_HEADER)
                self._fed = True
                yield self._inflate.decompress(data, PIECE)
                data = self._inflate.unconsumed_tail or self._inflate.unused_data
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None

    def finish(self) -> bytes:
        """What a step held back; raises unless this is the end."""
        held = self._inflate.flush()
        if self._fed and not self._inflate.eof:
            raise httpx.DecodingError("the compressed bytes end early")
        return held


def _decoder(response: httpx.Response) -> Decoder | None:
    """None: nothing is to be decoded here, or httpx knows how."""
    codings = response.headers.get("content-encoding")
    if not codings or response.is_stream_consumed:
        return None
    codings = codings.strip().lower()
    if "," in codings:
        # Compressed twice, a few hundred bytes stand for terabytes; no server does that in earnest.
        raise httpx.DecodingError(f"compressed more than once: {codings}")
    return Decoder() if codings in GZIP else None


def _decoded(decoder: Decoder, response: httpx.Response) -> Iterator[bytes]:
    for data in response.iter_raw():
        yield from filter(None, decoder.decode(data))
    if held := decoder.finish():
        yield held


async def _adecoded(decoder: Decoder, response: httpx.Response) -> AsyncIterator[bytes]:
    async for data in response.aiter_raw():
        for piece in decoder.decode(data):
            if piece:
                yield piece
    if held := decoder.finish():
        yield held

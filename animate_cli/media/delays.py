"""How long each frame of a GIF, animated PNG or WebP stays, read from the file's blocks without decoding."""

import contextlib
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

SHORTEST = Fraction(1, 50)
UNSET = Fraction(1, 10)
PNG_SIGNATURE = 8
RIFF_HEADER = 12
GIF_HEADER = 13


def read_delays(path: Path) -> list[Fraction]:
    """Return the seconds each frame stays, as far as the file is whole.

    Delays below 20 ms are shown as 100 ms, as browsers do.
    """
    with path.open("rb") as file:
        signature = file.read(4)
        file.seek(0)
        walk = {b"GIF8": gif_delays, b"\x89PNG": png_delays}.get(signature, webp_delays)
        delays: list[Fraction] = []
        with contextlib.suppress(EOFError):
            delays.extend(delay if delay >= SHORTEST else UNSET for delay in walk(file))
        return delays


def exactly(file: BinaryIO, count: int) -> bytes:
    """Read count bytes, or raise EOFError where the file is cut off."""
    data = file.read(count)
    if len(data) < count:
        raise EOFError
    return data


def gif_delays(file: BinaryIO) -> Iterator[Fraction]:
    """Walk a GIF's blocks; a graphic control extension holds the delay of the image that follows."""
    skip_palette(file, exactly(file, GIF_HEADER)[10])
    delay = Fraction(0)
    while (block := exactly(file, 1)) != b";":
        if block == b"!":
            label = exactly(file, 1)
            body = sub_blocks(file)
            if label == b"\xf9" and len(body) >= 3:
                delay = Fraction(struct.unpack_from("<H", body, 1)[0], 100)
        elif block == b",":
            skip_palette(file, exactly(file, 9)[8])
            exactly(file, 1)
            sub_blocks(file)
            yield delay
            delay = Fraction(0)


def skip_palette(file: BinaryIO, flags: int) -> None:
    """Pass the colour table that a GIF's flags announce."""
    if flags & 0x80:
        exactly(file, 3 << ((flags & 7) + 1))


def sub_blocks(file: BinaryIO) -> bytes:
    """Read a GIF's chain of sub-blocks and return the first."""
    first = b""
    while size := exactly(file, 1)[0]:
        body = exactly(file, size)
        first = first or body
    return first


def png_delays(file: BinaryIO) -> Iterator[Fraction]:
    """Walk a PNG's chunks; fcTL holds a frame's delay as a fraction of a second."""
    exactly(file, PNG_SIGNATURE)
    pending: Fraction | None = None
    while True:
        length, name = struct.unpack(">I4s", exactly(file, 8))
        body = exactly(file, length + 4)
        if name in (b"fcTL", b"IEND") and pending is not None:
            yield pending
        if name == b"IEND":
            return
        if name == b"fcTL":
            seconds, parts = struct.unpack_from(">HH", body, 20)
            pending = Fraction(seconds, parts or 100)


def webp_delays(file: BinaryIO) -> Iterator[Fraction]:
    """Walk a WebP's chunks; ANMF holds a frame's milliseconds."""
    exactly(file, RIFF_HEADER)
    while header := file.read(8):
        if len(header) < 8:
            raise EOFError
        name, length = struct.unpack("<4sI", header)
        body = exactly(file, length + length % 2)
        if name == b"ANMF":
            yield Fraction(int.from_bytes(body[12:15], "little"), 1000)

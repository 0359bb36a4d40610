"""Losses as TensorBoard reads them: an event file, which is protocol buffers in TFRecord frames.

Only scalars are written, so that the few lines here take the place of a large dependency. The frame is the length
(8 bytes), its masked CRC-32C, the event, and its masked CRC-32C; numbers are little-endian.
"""

import os
import socket
import struct
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CASTAGNOLI = 0x82F63B78
MASK = 0xA282EAD8
DOUBLE, VARINT, BYTES, FLOAT = 1, 0, 2, 5
"""Wire types of protocol buffers."""


class EventFile:
    """Append events to a new file of a folder; begun anew when a run is resumed."""

    def __init__(self, folder: Path, step: int) -> None:
        """Begin a file whose events follow ``step``: what other files of the folder hold beyond it is dropped."""
        name = (
            f"events.out.tfevents.{time.time_ns() // 10**9:010d}.{socket.gethostname()}.{os.getpid()}.{step}"
        )
        self.path = folder / name
        started = field(1, VARINT, varint(1))
        self._write(field(3, BYTES, b"brain.Event:2"))
        self._write(field(2, VARINT, varint(step + 1)) + field(7, BYTES, started))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Append values by their tags."""
        summary = b"".join(
            field(1, BYTES, field(1, BYTES, tag.encode()) + field(2, FLOAT, struct.pack("<f", value)))
            for tag, value in values.items()
        )
        self._write(field(2, VARINT, varint(step)) + field(5, BYTES, summary))

    def _write(self, event: bytes) -> None:
        event = field(1, DOUBLE, struct.pack("<d", time.time())) + event
        length = struct.pack("<Q", len(event))
        with self.path.open("ab") as file:
            file.write(length + checksum(length) + event + checksum(event))


def field(number: int, wire_type: int, content: bytes) -> bytes:
    """Encode one field of a message."""
    length = varint(len(content)) if wire_type == BYTES else b""
    return varint(number << 3 | wire_type) + length + content


def varint(number: int) -> bytes:
    """Encode a number at least 0, seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def checksum(data: bytes) -> bytes:
    """Return the masked CRC-32C (Castagnoli)."""
    remainder, table = 0xFFFFFFFF, crc_table()
    for byte in data:
        remainder = table[(remainder ^ byte) & 0xFF] ^ (remainder >> 8)
    remainder ^= 0xFFFFFFFF
    masked = ((remainder >> 15 | remainder << 17) + MASK) & 0xFFFFFFFF
    return struct.pack("<I", masked)


@cache
def crc_table() -> tuple[int, ...]:
    """Compute the remainders of all bytes."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (CASTAGNOLI if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)

"""TensorBoard's event files, read by an independent few lines and, where it is installed, by TensorBoard."""

import struct
from pathlib import Path

import pytest

from animate_cli.training.events import EventFile, checksum, varint


def test_checksums_are_crc_32c_masked() -> None:
    known = struct.unpack("<I", checksum(b"123456789"))[0]
    rotated = (known - 0xA282EAD8) & 0xFFFFFFFF
    assert (rotated << 15 | rotated >> 17) & 0xFFFFFFFF == 0xE3069283


@pytest.mark.parametrize(("number", "coded"), [(0, "00"), (127, "7f"), (300, "ac02"), (2**31, "8080808008")])
def test_varints(number: int, coded: str) -> None:
    assert varint(number).hex() == coded


def test_frames_are_whole(tmp_path: Path) -> None:
    events = EventFile(tmp_path, 4)
    events.add(5, {"loss": 0.5})
    data, records = events.path.read_bytes(), []
    while data:
        size = struct.unpack("<Q", data[:8])[0]
        assert data[8:12] == checksum(data[:8])
        assert data[12 + size : 16 + size] == checksum(data[12 : 12 + size])
        records.append(data[12 : 12 + size])
        data = data[16 + size :]
    assert len(records) == 3
    assert b"brain.Event:2" in records[0]
    assert records[2].endswith(b"loss\x15" + struct.pack("<f", 0.5))


def test_tensorboard_reads_them_and_drops_what_a_resume_does_anew(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    before = EventFile(tmp_path, 0)
    for step in (1, 2, 3):
        before.add(step, {"loss": float(step)})
    after = EventFile(tmp_path, 2)
    after.add(3, {"loss": 30.0})
    read = EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in read.Scalars("loss")] == [(1, 1.0), (2, 2.0), (3, 30.0)]

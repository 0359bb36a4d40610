"""Outputs are checked before any work, and nothing is left behind when the work ends badly."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from animate_cli.errors import MediaError
from animate_cli.media import FrameWriter, check_output, open_reader, open_writer, write_image
from animate_cli.temporary import host_mark, temporary_beside
from tests.media.clips import COLORS, HEIGHT, WIDTH, flat

CHILD = """
import signal, sys, time
from fractions import Fraction
import numpy as np
from animate_cli.media import open_writer
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
with open_writer(sys.argv[1], width=64, height=48, fps=Fraction(25)) as writer:
    for _ in range(5):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    print(writer.run.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("out.xyz", r"cannot be written with the ending '\.xyz'; use \.mp4"),
        ("out.jpg", r"cannot be written with the ending '\.jpg'"),
        ("missing/out.mp4", "does not exist; make it first"),
        ("taken", "is a file without ending"),
        (".mp4", r"has no name before its ending; choose one like result\.mp4"),
        ("full", "the folder is not empty; use --overwrite"),
    ],
)
def test_impossible_outputs_are_told(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "taken").write_text("file")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").write_text("file")
    with pytest.raises(MediaError, match=complaint) as caught:
        check_output(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


def test_still_outputs_have_their_own_endings(tmp_path: Path) -> None:
    check_output(tmp_path / "a.jpg", still=True)
    with pytest.raises(MediaError, match=r"a picture cannot be written with the ending '\.mp4'"):
        check_output(tmp_path / "a.mp4", still=True)
    with pytest.raises(MediaError, match="is a folder"):
        write_image(tmp_path, flat((1, 2, 3)))


def test_output_that_is_an_input_is_told_through_links(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.write_text("x")
    (tmp_path / "link.mp4").symlink_to(source)
    (tmp_path / "sub").mkdir()
    for other in (source, tmp_path / "link.mp4", tmp_path / "sub" / ".." / "a.mp4"):
        with pytest.raises(MediaError, match="is also an input"):
            check_output(other, [tmp_path / "b.png", source])
    check_output(tmp_path / "c.mp4", [source])


def test_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(MediaError, match=r"cannot write in .* \(Permission denied\)"):
        check_output(tmp_path / "a.mp4")


@pytest.mark.parametrize("ending", ["mp4", "gif", "png"])
def test_killed_ffmpeg_is_one_clear_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    path.write_text("old")
    with (
        pytest.raises(MediaError, match=r"ffmpeg was killed \(SIGKILL\)") as caught,
        open_writer(path, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer,
    ):
        write_many(writer, kill=True)
    assert "\n" not in str(caught.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", "the disk is full"),
        ("echo '[libx264 @ 0x55] bad thing' >&2; exit 3", "ffmpeg failed with code 3: bad thing"),
        ("exit 4", "ffmpeg failed with code 4: no reason given"),
    ],
)
def test_failing_ffmpeg_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr("animate_cli.media.process.ffmpeg_executable", lambda: str(fake))
    with (
        pytest.raises(MediaError, match=complaint),
        open_writer(tmp_path / "o.mp4", width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer,
    ):
        write_many(writer)
    assert list(tmp_path.iterdir()) == [fake]


def write_many(writer: FrameWriter, *, kill: bool = False) -> None:
    for _ in range(500):
        writer.write(flat(COLORS[0]))
        if kill:
            writer.run.process.kill()  # type: ignore[attr-defined]


def test_what_dead_runs_left_is_removed(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = tmp_path / f".animate-{host_mark()}-{gone.pid}-0.mp4"
    alive = tmp_path / f".animate-{host_mark()}-{os.getpid()}-999999.mp4"
    elsewhere = tmp_path / f".animate-{'0' * 8}-{gone.pid}-0.mp4"
    folder = tmp_path / f".animate-{host_mark()}-{gone.pid}-1"
    folder.mkdir()
    for file in (dead, alive, elsewhere, folder / "000000.png"):
        file.write_text("x")
    with open_writer(tmp_path / "o.mp4", width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
        writer.write(flat(COLORS[0]))
    assert sorted(tmp_path.iterdir()) == sorted([alive, elsewhere, tmp_path / "o.mp4"])


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("way", "leaves"), [(signal.SIGKILL, 1), (signal.SIGINT, 0)])
def test_ended_run_leaves_no_ffmpeg_and_the_old_output(
    tmp_path: Path, way: signal.Signals, leaves: int
) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    ) as child:
        assert child.stdout is not None
        encoder = int(child.stdout.readline())
        os.killpg(child.pid, way)
    assert wait_until_gone(encoder)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1 + leaves


def wait_until_gone(process: int) -> bool:
    for _ in range(100):
        status = Path(f"/proc/{process}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_output_may_replace_its_own_kind(tmp_path: Path) -> None:
    for count in (2, 3):
        with open_writer(tmp_path / "o.mp4", width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
            for color in COLORS[:count]:
                writer.write(flat(color))
    assert len(list(open_reader(tmp_path / "o.mp4"))) == 3


def test_a_name_that_an_earlier_process_of_our_number_left_is_not_used_again(tmp_path: Path) -> None:
    """In a container that is started again, process numbers repeat."""
    first = temporary_beside(tmp_path / "o.mp4", ".mp4")
    number = int(first.name.split("-")[3].removesuffix(".mp4"))
    taken = first.with_name(first.name.replace(f"-{number}.mp4", f"-{number + 1}.mp4"))
    taken.write_text("x")
    assert temporary_beside(tmp_path / "o.mp4", ".mp4") not in (first, taken)
    assert taken.exists()


def test_what_is_left_of_our_own_is_removed_when_the_process_ends(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from animate_cli.temporary import temporary_beside; "
        "temporary_beside(pathlib.Path(sys.argv[1]), '.x').touch(); sys.exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "o.mp4")], check=False)
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_replaced_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill in the middle cannot leave half of the frames: there is no middle."""
    folder = tmp_path / "frames"
    folder.mkdir()
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("frame by frame"))
    with open_writer(folder, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
        for color in COLORS[:3]:
            writer.write(flat(color))
    assert len(list(folder.iterdir())) == 3


def test_frames_are_replaced_before_older_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for k in range(5):
        (folder / f"{k:06d}.png").write_text("old")
    counts: list[int] = []
    replace = Path.replace

    def counted(self: Path, target: Path) -> Path:
        moved = replace(self, target)
        counts.append(len(list(folder.iterdir())))
        return moved

    monkeypatch.setattr(Path, "replace", counted)
    with open_writer(folder, width=WIDTH, height=HEIGHT, fps=Fraction(25), overwrite=True) as writer:
        for color in COLORS[:3]:
            writer.write(flat(color))
    assert counts == [5, 5, 5]
    assert len(list(folder.iterdir())) == 3

"""What the machine does to a run: no memory, no disk, a killed ffmpeg. One line, and what was there stays."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from animate_cli.animator import Animator
from animate_cli.fast.model import FastMotionModel
from animate_cli.media.process import Ffmpeg
from animate_cli.presets import save_config
from tests.cli.conftest import Animate
from tests.robustness.conftest import Job, contents, require_one_error
from tests.robustness.material import clip, picture
from tests.training.runs import on_toons

LINE = ["source.png", "driving.mp4", "-o", "out.mp4"]

SHORTAGES: dict[str, Exception] = {
    "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    "linux": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    "windows": RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    "cudnn": RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    "c++": RuntimeError("std::bad_alloc"),
    "python": MemoryError(),
}


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("method", ["detect", "predict"])
@pytest.mark.parametrize("name", SHORTAGES)
def test_out_of_memory_says_the_batch_size_to_try(
    job: Job, place: Path, monkeypatch: pytest.MonkeyPatch, name: str, method: str
) -> None:
    monkeypatch.setattr(FastMotionModel, method, failing(SHORTAGES[name]))
    before = contents(place)
    require_one_error(job(*LINE, "--batch-size", "6"), 1, ("out of memory", "--batch-size 3"))
    assert contents(place) == before


@pytest.mark.parametrize(
    ("place_of_failure", "says"),
    [
        ("animate_cli.fast.model.FastMotionModel.encode", "a smaller --size"),
        ("animate_cli.animator.prepare", "--device cpu"),
        ("animate_cli.pipeline.run.arrange", "close other programs"),
        ("animate_cli.media.video.to_pixels", "close other programs"),
        ("animate_cli.media.pillow.to_8_bits", "close other programs"),
    ],
)
def test_out_of_memory_elsewhere(
    job: Job, place: Path, monkeypatch: pytest.MonkeyPatch, place_of_failure: str, says: str
) -> None:
    monkeypatch.setattr(place_of_failure, failing(MemoryError()))
    before = contents(place)
    require_one_error(job(*LINE), 1, ("out of memory", says))
    assert contents(place) == before


def test_other_errors_are_bugs_and_keep_their_traceback(
    job: Job, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Animator, "set_source", failing(ZeroDivisionError()))
    before = contents(place)
    with pytest.raises(ZeroDivisionError):
        job(*LINE)
    assert contents(place) == before


@pytest.mark.parametrize("out", ["out.mp4", "out.gif", "out.webm"])
def test_a_killed_ffmpeg(job: Job, place: Path, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    write = Ffmpeg.write

    def kill_then_write(self: Ffmpeg, data: bytes) -> int:
        self.process.kill()
        self.process.wait()
        return write(self, data)

    monkeypatch.setattr(Ffmpeg, "write", kill_then_write)
    (place / out).write_text("the old one")
    before = contents(place)
    words = (out, "ffmpeg was killed (SIGKILL)", "try again")
    require_one_error(job("source.png", "driving.mp4", "-o", out), 1, words)
    assert contents(place) == before


def test_no_ffmpeg(job: Job, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "imageio_ffmpeg.get_ffmpeg_exe", failing(RuntimeError("no ffmpeg exe could be found"))
    )
    before = contents(place)
    require_one_error(job(*LINE), 1, ("ffmpeg was not found", "imageio-ffmpeg"))
    assert contents(place) == before


@pytest.fixture
def full(place: Path) -> Iterator[Path]:
    """A disk of 8 kB with no room left for more than a file's name."""
    disk = place / "full"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)]
    try:
        subprocess.run(mounting, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("disks cannot be mounted here")
    try:
        (disk / "filler").write_bytes(bytes(8192))
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


FULL = {
    "mp4": "animate source.png driving.mp4 -o full/o.mp4",
    "old mp4": "animate source.png driving.mp4 -o full/filler.mp4",
    "gif": "animate source.png driving.mp4 -o full/o.gif",
    "frames": "animate source.png driving.mp4 -o full/frames",
    "still": "animate source.png source.png -o full/o.png",
    "motion": "animate source.png driving.mp4 -o out.mp4 --save-motion full/m.safetensors",
    "folder of sources": "animate many driving.mp4 -o full/results",
    "weights": "weights import tiny.safetensors -o full/w.safetensors",
    "report": "weights list --json full/r.json",
    "run": "train toons.yaml --out full/run --device cpu",
}


@pytest.mark.parametrize("name", FULL)
def test_a_full_disk(animate: Animate, tiny_weights: Path, place: Path, full: Path, name: str) -> None:
    (place / "tiny.safetensors").write_bytes(tiny_weights.read_bytes())
    (place / "many").mkdir()
    picture()(place / "many" / "a.png")
    save_config(on_toons(), place / "toons.yaml")
    if name == "old mp4":
        (full / "filler").rename(full / "filler.mp4")
    before = contents(place)
    words = FULL[name].split()
    outcome = animate(*words, *(["-w", "tiny.safetensors"] if words[0] == "animate" else []))
    require_one_error(outcome, 1, ("full/",))
    assert "full" in outcome.lines[-1].replace("full/", "") or "No space left" in outcome.lines[-1]
    after = {path: value for path, value in contents(place).items() if value != "folder"}
    assert after == {path: value for path, value in before.items() if value != "folder"}


def test_sound_of_a_clip_whose_name_looks_like_a_pattern(job: Job, place: Path) -> None:
    from animate_cli.media import open_reader
    from tests.robustness.material import with_sound

    with_sound(place / "100%d.png")
    clip()(place / "driving.mp4")
    assert job("source.png", "100%d.png", "-o", "out.mp4", "-q") == (0, "", "")
    with open_reader("out.mp4") as reader:
        assert reader.info.has_audio

"""Sound and time through `animate`: flashes and clicks that belong together stay together, when they were.

`pytest tests/cli/test_sync.py -m "slow or not slow" -s` prints a row of measured offsets for each case.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cli.conftest import Animate
from tests.media.click_track import RATES, SIDE, Instants, make, measure

ENDINGS = (".mp4", ".mov", ".webm", ".mkv")
WAYS = ("whole", "cut", "resampled")
OTHER_RATE = Fraction(20)


@dataclass(frozen=True)
class Expected:
    """When flashes and clicks must begin and the pictures' seconds.

    fps: the rate that sets the tolerance. packet: seconds by which sound may be longer.
    """

    flashes: tuple[Fraction, ...]
    clicks: tuple[Fraction, ...]
    seconds: Fraction
    fps: Fraction
    packet: Fraction = Fraction(1024, 48_000)


Run = Callable[..., Instants]


@pytest.fixture
def run(animate: Animate, tiny_weights: Path, tmp_path: Path) -> Run:
    """Animate a clip by itself and measure the driving as the result shows it."""

    def middle(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return picture[:, SIDE + 8 : 2 * SIDE - 4]

    def run_and_measure(clip: Path, ending: str, *words: str) -> Instants:
        target = tmp_path / f"result{ending}"
        fixed = ("-q", "-w", tiny_weights, "--device", "cpu", "--precision", "fp32", "--layout", "compare")
        outcome = animate(*fixed, clip, clip, "-o", target, *words)
        assert (outcome.code, outcome.stderr) == (0, "")
        return measure(target, middle)

    return run_and_measure


def check(name: str, got: Instants, expected: Expected) -> None:
    """Compare within one frame, and print what was measured, milliseconds."""
    assert len(got.flashes) == len(expected.flashes)
    assert len(got.clicks) == len(expected.clicks)
    flashes = [one - float(time) for one, time in zip(got.flashes, expected.flashes, strict=True)]
    clicks = [one - float(time) for one, time in zip(got.clicks, expected.clicks, strict=True)]
    shown = [" ".join(f"{1000 * offset:+6.1f}" for offset in offsets) for offsets in (flashes, clicks)]
    print(f"\n{name:32} flashes {shown[0]:24} clicks {shown[1]:24} lasts {got.pictures:8.3f} s", end="")  # noqa: T201  (shown with -s)
    frame = 1.001 / float(expected.fps)
    assert max(map(abs, flashes + clicks)) <= frame
    pairs = zip(got.flashes[-len(clicks) :], got.clicks, strict=True)
    assert max(abs(flash - click) for flash, click in pairs) <= frame
    assert abs(got.pictures - float(expected.seconds)) <= frame
    assert got.sound <= float(expected.seconds + expected.packet) + frame


def go(run: Run, folder: Path, rate_name: str, ending: str, way: str, seconds: Fraction) -> None:
    """Make a clip of a rate, animate it in one of the ways, and check the result."""
    rate = RATES[rate_name]
    marks = make(folder / "clip.mp4", rate, seconds)
    count = round(seconds * rate.fps)
    first, last = (3, count - 2) if way == "cut" else (0, count)
    begins, ends = rate.time(first), rate.time(last)
    if way != "cut":
        ends = Fraction(measure(folder / "clip.mp4", lambda picture: picture).pictures)
        assert abs(ends - seconds) < Fraction(1, 20)
    times = tuple(mark - begins for mark in marks)
    expected = Expected(times, times, ends - begins, rate.fps)
    words: list[str] = []
    if way == "cut":
        early = Fraction(1, 1000)  # times are typed with six digits, and a frame begins at the time or later
        words = ["--start", f"{float(begins - early):.6f}", "--end", f"{float(ends - early):.6f}"]
    if way == "resampled":
        words, expected = ["--fps", str(OTHER_RATE)], replace(expected, fps=OTHER_RATE)
    got = run(folder / "clip.mp4", ending, *words)
    check(f"{rate_name} {ending} {way}", got, expected)
    if rate_name != "varying" and way == "whole" and ending in (".mp4", ".mov"):
        assert got.fps == rate.fps


@pytest.mark.parametrize(
    ("rate", "ending", "way"),
    [
        ("24", ".mkv", "whole"),
        ("25", ".mp4", "resampled"),
        ("29.97", ".mp4", "cut"),
        ("50", ".webm", "whole"),
        ("varying", ".mov", "cut"),
    ],
)
def test_flash_and_click_stay_together(run: Run, tmp_path: Path, rate: str, ending: str, way: str) -> None:
    go(run, tmp_path, rate, ending, way, Fraction(2))


@pytest.mark.slow
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("way", WAYS)
def test_every_rate_in_every_container(run: Run, tmp_path: Path, rate: str, ending: str, way: str) -> None:
    go(run, tmp_path, rate, ending, way, Fraction(3))


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "ending"), [("29.97", ".mp4"), ("varying", ".mkv"), ("24", ".webm")])
def test_a_minute_does_not_drift(run: Run, tmp_path: Path, rate: str, ending: str) -> None:
    go(run, tmp_path, rate, ending, "whole", Fraction(60))


TS = ("-c:v", "libx264")
AVI = ("-c:v", "mpeg4", "-enc_time_base:v", "1/25")
LATER = Fraction(3, 10)
SOURCES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "sound begins later": ("mp4", (), {"sound_from": LATER}),
    "sound begins later, mkv": ("mkv", (), {"sound_from": LATER}),
    "sound begins later, ts": ("ts", (*TS, "-c:a", "aac"), {"sound_from": LATER}),
    "sound begins earlier": ("mp4", (), {"sound_from": -LATER}),
    "sound begins earlier, mkv": ("mkv", (), {"sound_from": -LATER}),
    "sound begins earlier, ts": ("ts", (*TS, "-c:a", "mp2"), {"sound_from": -LATER}),
    "both begin late": ("mp4", (), {"delay": Fraction(1, 2)}),
    "both begin late, mkv": ("mkv", (), {"delay": Fraction(1, 2)}),
    "clock begins at 1.4 s": ("ts", (*TS, "-c:a", "aac"), {}),
    "negative decoding times": (
        "mp4",
        ("-bf", "3", "-avoid_negative_ts", "disabled", "-movflags", "negative_cts_offsets"),
        {},
    ),
    "fragments": ("mp4", ("-movflags", "frag_keyframe+empty_moov"), {}),
    "longer sound": ("mp4", (), {"sound_to": Fraction(3)}),
    "shorter sound": ("mp4", (), {"sound_to": Fraction(19, 10)}),
    "8 kHz": ("mp4", ("-c:a", "aac"), {"samples": 8000}),
    "8 kHz pcm": ("mkv", ("-c:a", "pcm_s16le"), {"samples": 8000}),
    "44.1 kHz": ("mp4", ("-c:a", "aac"), {"samples": 44_100}),
    "96 kHz": ("mp4", ("-c:a", "aac"), {"samples": 96_000}),
    "96 kHz flac": ("mkv", ("-c:a", "flac"), {"samples": 96_000}),
    "5.1": ("mp4", ("-c:a", "aac"), {"channels": 6}),
    "5.1 ac3": ("mkv", ("-c:a", "ac3"), {"channels": 6}),
    "mp3": ("mp4", ("-c:a", "libmp3lame"), {}),
    "mp3 in mkv": ("mkv", ("-c:a", "libmp3lame"), {}),
    "opus": ("webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"), {}),
    "opus in mp4": ("mp4", ("-c:a", "libopus"), {}),
    "vorbis": ("webm", ("-c:v", "libvpx", "-c:a", "libvorbis"), {}),
    "pcm": ("mov", ("-c:a", "pcm_s16le"), {}),
    "pcm of 24 bits": ("mov", ("-c:a", "pcm_s24le"), {}),
    "pcm in avi": ("avi", (*AVI, "-c:a", "pcm_s16le"), {}),
    "alac": ("mov", ("-c:a", "alac"), {}),
    "flv": ("flv", ("-c:v", "flv1", "-enc_time_base:v", "1/25", "-c:a", "aac"), {}),
}
FEW = ["sound begins earlier", "sound begins later, ts", "5.1", "8 kHz pcm", "opus in mp4", "mp3 in mkv"]


def go_from(run: Run, folder: Path, source: str, ending: str, *, cut: bool) -> None:
    ending_of_clip, options, facts = SOURCES[source]
    clip, rate = folder / f"clip.{ending_of_clip}", RATES["25"]
    marks = make(clip, rate, options=options, **facts)
    begins = rate.time(3) if cut else Fraction(0)
    times = tuple(mark - begins for mark in marks)
    heard = tuple(mark - begins for mark in marks if mark >= facts.get("sound_from", 0))
    packet = Fraction(1024, facts.get("samples", 48_000))
    got = run(clip, ending, *(("--start", f"{float(begins):.6f}") if cut else ()))
    check(f"{source} {ending}{' cut' * cut}", got, Expected(times, heard, 2 - begins, rate.fps, packet))


@pytest.mark.parametrize(("source", "ending"), list(zip(FEW, [".mkv", *ENDINGS, ".mp4"], strict=True)))
def test_sound_of_all_kinds(run: Run, tmp_path: Path, source: str, ending: str) -> None:
    go_from(run, tmp_path, source, ending, cut=False)


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("cut", [False, True])
def test_every_kind_of_sound_in_every_container(
    run: Run, tmp_path: Path, source: str, ending: str, cut: bool
) -> None:
    go_from(run, tmp_path, source, ending, cut=cut)


def test_what_an_edit_list_hides_does_not_lengthen_the_result(run: Run, tmp_path: Path) -> None:
    """Matroska has no edit lists: sound copied with its hidden front would say that the clip is longer."""
    make(tmp_path / "clip.mp4", RATES["25"], sound_from=-LATER)
    got = run(tmp_path / "clip.mp4", ".mkv")
    assert abs(got.clip - got.pictures) <= 1 / 25

"""Real clips and pictures as source and as driving, where they are at hand: counts, rates, times and sound."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from animate_cli.cli import app
from animate_cli.config import ModelConfig
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import WeightsInfo, save_weights
from tests.tiny import tiny_config, tiny_model

MEDIA = Path(__file__).parents[2] / "shared" / "media"
ENTRIES = sorted(MEDIA.glob("*.mp4")) + sorted(MEDIA.glob("*.jpg"))
CLIPS = [path for path in ENTRIES if path.suffix == ".mp4"]
EXAMPLES = Path(__file__).parents[1] / "examples"
LOUD = 1e-4

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ENTRIES, reason="there is no shared/media")]


class Facts(NamedTuple):
    """What a clip holds. times: of its frames; sound: its samples' loudness and length, None without a track."""

    size: tuple[int, int]
    rate: Fraction
    times: list[Fraction]
    sound_seconds: float | None
    loudness: float


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    model: MotionModel = tiny_model()
    config: ModelConfig = tiny_config()
    save_weights(path, model, WeightsInfo(config, domain="face", style="toon"))
    return path


def facts(path: Path) -> Facts:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.average_rate is not None
        assert video.time_base is not None
        times = [frame.pts * video.time_base for frame in container.decode(video) if frame.pts is not None]
        size, rate = (video.height, video.width), video.average_rate
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return Facts(size, rate, times, None, 0.0)
        track = container.streams.audio[0]
        heard = list(container.decode(track))
        seconds = sum(frame.samples / frame.sample_rate for frame in heard)
        loudness = max((float(np.abs(frame.to_ndarray().astype(float)).mean()) for frame in heard), default=0)
    return Facts(size, rate, times, seconds, loudness)


def run(weights: Path, *words: str | Path) -> None:
    assert app.run(["-q", "--device", "cpu", "--precision", "fp32", "-w", *map(str, (weights, *words))]) == 0


def check(made: Facts, driving: Facts, start: Fraction, end: Fraction) -> None:
    chosen = [time for time in driving.times if start <= time < end]
    step = 1 / driving.rate
    assert made.rate == driving.rate
    assert len(made.times) == len(chosen)
    assert [time - made.times[0] for time in made.times] == [time - chosen[0] for time in chosen]
    assert (made.sound_seconds is None) == (driving.sound_seconds is None)
    if made.sound_seconds is not None:
        assert abs(made.sound_seconds - len(chosen) * step) <= step + Fraction(3, 100)  # and a packet


@pytest.mark.parametrize("source", ENTRIES, ids=lambda path: path.name)
def test_as_source(source: Path, weights: Path, tmp_path: Path) -> None:
    driving, out = EXAMPLES / "driving.mp4", tmp_path / "out.mp4"
    run(weights, source, driving, "-o", out, "--end", "0.4", "--crop", "off")
    made = facts(out)
    check(made, facts(driving), Fraction(0), Fraction(2, 5))
    with av.open(str(source)) as container:
        picture = container.streams.video[0]
        aspect = picture.height / picture.width
    assert min(made.size) == 64
    assert abs(made.size[0] - aspect * made.size[1]) <= 2


@pytest.mark.parametrize(("start", "end"), [("0", "0.5"), ("1.0", "2.5"), ("0", "1000")])
@pytest.mark.parametrize("driving", CLIPS, ids=lambda path: path.name)
def test_as_driving(driving: Path, start: str, end: str, weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    run(weights, EXAMPLES / "source.png", driving, "-o", out, "--start", start, "--end", end)
    made, given = facts(out), facts(driving)
    check(made, given, Fraction(start), Fraction(end))
    assert made.size == (64, 64)
    assert (made.loudness > LOUD) == (given.loudness > LOUD) or start != "0" or end != "1000"

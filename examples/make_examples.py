"""Draw the example pictures: source.png, a character, and driving.mp4, another one who moves and hums.

``python examples/make_examples.py`` writes both beside this file.
"""

import math
import tempfile
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.arrays import to_pictures
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.pose import Pose, rest_pose
from animate_cli.data.toons.render import render
from animate_cli.media import AudioSource, open_writer, write_image

HERE = Path(__file__).parent
SOURCE_SEED, DRIVING_SEED = 22, 12
SIZE, FRAME_RATE, SECONDS = 256, 25, 4
SOUND_RATE = 48_000
NOTES = (262, 294, 330, 392, 330, 294, 262, 196)
"""The hummed melody, one note for each half second, in hertz."""


def main() -> None:
    """Write both files."""
    calm = rest_pose(1, 0.42)._replace(smile=torch.tensor([0.4]))
    source = random_identity(torch.Generator().manual_seed(SOURCE_SEED), 1)
    write_image(HERE / "source.png", to_pictures(render(source, calm, SIZE).image)[0])
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "hum.wav"
        write_hum(sound)
        write_clip(HERE / "driving.mp4", calm, sound)


def write_clip(path: Path, calm: Pose, sound: Path) -> None:
    """Write the driving clip; its first and last pose are the calm one."""
    driver = random_identity(torch.Generator().manual_seed(DRIVING_SEED), 1)
    audio = AudioSource(sound, Fraction(0), None)
    with open_writer(path, width=SIZE, height=SIZE, fps=Fraction(FRAME_RATE), audio=audio, crf=18) as writer:
        for number in range(SECONDS * FRAME_RATE):
            frame = render(driver, pose_at(calm, number / FRAME_RATE), SIZE)
            writer.write(to_pictures(frame.image)[0])


def pose_at(calm: Pose, time: float) -> Pose:
    """Turn, nod, blink and sing: the pose at a time in seconds."""
    turn = 2 * math.pi * time / SECONDS

    def one(value: float) -> torch.Tensor:
        return torch.tensor([value])

    shut = max(0.0, 1 - min(abs(time - blink) for blink in (0.9, 2.6, 3.5)) / 0.1)
    return calm._replace(
        yaw=one(0.55 * math.sin(turn)),
        pitch=one(0.14 * math.sin(2 * turn)),
        roll=one(0.10 * math.sin(turn) ** 3),
        place=torch.tensor([[0.10 * math.sin(turn), 0.02 * math.sin(2 * turn)]]),
        gaze=torch.tensor([[0.5 * math.sin(turn), 0.0]]),
        brows=torch.full((1, 2), 0.5 * math.sin(turn / 2) ** 2),
        blink=torch.full((1, 2), shut),
        mouth_open=one(0.8 * mouth_at(time)),
    )


def mouth_at(time: float) -> float:
    """How wide the mouth is open in [0, 1]: once for each note."""
    return math.sin(2 * math.pi * time) ** 2


def write_hum(path: Path) -> None:
    """Write the melody as a mono WAV file, as loud as the mouth is open."""
    time = np.arange(SECONDS * SOUND_RATE) / SOUND_RATE
    pitch = np.repeat(np.array(NOTES, dtype=float), len(time) // len(NOTES))
    phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
    tone: NDArray[np.float64] = sum((np.sin(k * phase) / k**1.5 for k in range(1, 7)), np.zeros_like(time))
    loud = 0.25 * np.sin(2 * np.pi * time) ** 2
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes((tone * loud * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()

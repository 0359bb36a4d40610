"""Measure what each face detector, and face-alignment's landmark network, take of a core for a frame.

``python examples/detector_speed.py CLIP`` prints Markdown. One thread computes, and its own time is counted, so
that other work on the machine matters little. The networks of face-alignment need no download for it: they are made
at their published size with weights that find nothing, which takes as long as finding.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import torch

from animate_cli.animator import Animator
from animate_cli.faces.alignment import WEIGHTS, FaceAlignmentDetector
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Picture
from animate_cli.faces.landmark_finder import NETWORK, NUM_HOURGLASSES, LandmarkFinder
from animate_cli.faces.lbp import LbpDetector
from animate_cli.faces.toon import ToonDetector
from animate_cli.media import open_reader

CERTAINLY_NOT = -50.0
"""Bias of the detector's score at which there is no face."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=12)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with open_reader(options.clip) as reader:
        pictures = [frame.image for frame in islice(reader, options.frames)]
    with networks_of_full_size():
        size = f"{pictures[0].shape[1]}x{pictures[0].shape[0]}"
        print(f"| {size}, {len(pictures)} frames | ms of a core, a frame |\n|---|---|")
        for detector in (FaceAlignmentDetector(), LbpDetector(), ToonDetector()):
            detector.prepare()
            print_row(f"finding faces, {detector.name}", pictures, detector.detect)
        finder, animator = LandmarkFinder(), Animator.from_weights("toon-face", device="cpu")
        everywhere = Box(0, 0, *pictures[0].shape[1::-1])
        print_row("68 landmarks", pictures, lambda picture: list(finder.find([(picture, everywhere)])))
    began = time.process_time()
    count = len(list(animator.animate_frames(pictures[0], pictures)))
    print(f"| animating with toon-face | {1000 * (time.process_time() - began) / count:.0f} |")


def print_row(what: str, pictures: list[Picture], work: Callable[[Picture], object]) -> None:
    """Time some work with each picture, after a first one."""
    work(pictures[0])
    began = time.process_time()
    for picture in pictures:
        work(picture)
    print(f"| {what} | {1000 * (time.process_time() - began) / len(pictures):.0f} |", flush=True)


@contextmanager
def networks_of_full_size() -> Iterator[None]:
    """Put networks whose weights know nothing where face-alignment's are looked for."""
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # else the import compiles for seconds
    from face_alignment.detection.sfd.net_s3fd import s3fd
    from face_alignment.models import FAN

    detector, landmarks = s3fd(), FAN(NUM_HOURGLASSES)
    with torch.no_grad():
        for name, parameter in detector.named_parameters():
            if "conf" in name:
                parameter.zero_()
            if name.endswith("conf.bias"):
                parameter[-1] = CERTAINLY_NOT
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, ANIMATE_WEIGHTS_DIR=folder):
        torch.save(detector.state_dict(), Path(folder) / WEIGHTS.name)
        torch.save(landmarks.state_dict(), Path(folder) / NETWORK.name)
        yield


if __name__ == "__main__":
    main()

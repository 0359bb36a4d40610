"""Show what `--size` keeps of a large source: the same moment at three sizes, and a part of each enlarged.

``python examples/sizes.py -o sizes.jpg`` draws a character at 1024 pixels and moves it by driving.mp4.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image

from animate_cli.arrays import to_pictures
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.pose import rest_pose
from animate_cli.data.toons.render import render
from animate_cli.media import write_image

HERE = Path(__file__).parent
SEED, SIZE = 55, 1024
SIZES = (256, 512, 1024)
MOMENT = 10
"""Frame of the driving that is shown: the head a little turned."""
PART = (0.32, 0.24, 0.72, 0.64)
"""What is enlarged: left, top, right, bottom, as shares of the picture."""
SHOWN = 480


def main() -> None:
    """Write the picture: the source's part, then each size's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.png"
        who = random_identity(torch.Generator().manual_seed(SEED), 1)
        write_image(source, to_pictures(render(who, rest_pose(1, 0.42), SIZE).image)[0])
        parts = [part_of(source), *(part_of(animate(source, size)) for size in SIZES)]
    row = Image.new("RGB", (SHOWN * len(parts), SHOWN))
    for place, part in enumerate(parts):
        row.paste(part, (place * SHOWN, 0))
    row.save(options.out, quality=90)


def animate(source: Path, size: int) -> Path:
    """Move the source and return the frame that is shown."""
    frames = source.parent / str(size)
    words = ["-q", source, HERE / "driving.mp4", "--end", "0.5", "--size", size, "-o", frames]
    subprocess.run([sys.executable, "-m", "animate_cli", *map(str, words)], check=True)
    return sorted(frames.iterdir())[MOMENT]


def part_of(path: Path) -> Image.Image:
    """Cut a part from a picture and enlarge it."""
    picture = Image.open(path).convert("RGB")
    left, top, right, bottom = (share * picture.width for share in PART)
    part = picture.crop((round(left), round(top), round(right), round(bottom)))
    return part.resize((SHOWN, SHOWN), Image.Resampling.BICUBIC)


if __name__ == "__main__":
    main()

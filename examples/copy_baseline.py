"""How far the frames of clips are from their first frame: what a model of motion has to beat.

    python examples/copy_baseline.py DATA

prints the L1 of showing the first frame throughout (colours in [0, 1], mean over the test clips' frames), as
`animate evaluate DATA` gives it for reconstructions.
"""

import sys
from pathlib import Path

import numpy as np

from animate_cli.data.videos import list_videos
from animate_cli.media import open_reader


def main(folder: Path) -> None:
    """Print the figure."""
    errors: list[float] = []
    for video in list_videos(folder, "test"):
        with open_reader(video.path) as reader:
            frames = np.stack([frame.image for frame in reader]).astype(np.float32) / 255
        errors += np.abs(frames - frames[0]).mean((1, 2, 3)).tolist()
    print(f"L1 of the first frame: {np.mean(errors):.4f} over {len(errors)} frames")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

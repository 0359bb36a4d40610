"""Lay out pictures moved by clips, a row a picture and a column a moment, to be looked at.

``python examples/contact_sheet.py -o sheet.png --driving talk.mp4 --driving face.mp4 drawings/*.png`` moves these
pictures; ``--toons 20`` draws some of the test split's toons instead. The first row shows the drivings' moments.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from animate_cli.animator import Animator, Picture
from animate_cli.arrays import to_pictures
from animate_cli.data.toon_clips import cast_clip
from animate_cli.data.toon_tests import SIZE, plan_test_split
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import take
from animate_cli.media import open_reader, read_image


def main() -> None:
    """Move every picture by every clip."""
    options = parse()
    animator = Animator.from_weights(options.weights)
    sources = [read_image(path) for path in options.pictures] or list(
        draw_toons(options.family, options.toons)
    )
    clips = [moments(path, options.columns) for path in options.driving]
    rows = [[blank(options.side), *(fitted(frame, options.side) for clip in clips for frame in clip)]]
    for source in sources:
        moved = (picture for clip in clips for picture in animator.animate_frames(source, clip))
        rows.append([fitted(source, options.side), *(fitted(picture, options.side) for picture in moved)])
    Image.fromarray(np.concatenate([np.concatenate(row, 1) for row in rows])).save(options.out)
    print(f"wrote {options.out}: {len(sources)} pictures, {len(clips)} clips")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pictures", type=Path, nargs="*", help="pictures to move")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("-w", "--weights", default="toon-face")
    parser.add_argument("--driving", type=Path, action="append", required=True, help="a clip; repeatable")
    parser.add_argument("--family", choices=FAMILIES, default="toon-face", help="of those toons")
    parser.add_argument("--toons", type=int, default=20, help="without pictures: toons of the test split")
    parser.add_argument("--columns", type=int, default=4, help="moments of each clip")
    parser.add_argument("--side", type=int, default=160, help="pixels of a cell")
    return parser.parse_args()


def draw_toons(family: str, count: int) -> Iterator[Picture]:
    """Draw the first frames of the test split's first toons."""
    for plan in plan_test_split(family)[:count]:
        who, poses = cast_clip(plan)
        image = FAMILIES[family].render(take(who, slice(0, 1)), take(poses, slice(0, 1)), SIZE).image
        yield to_pictures(image)[0]


def moments(path: Path, count: int) -> Sequence[Picture]:
    """Read evenly spaced frames of a clip, cut to its middle square; the first is the reference."""
    with open_reader(path) as reader:
        frames = [frame.image for frame in reader]
    chosen = np.linspace(0, len(frames) - 1, count).round().astype(int)
    return [middle_square(frames[index]) for index in chosen]


def middle_square(picture: Picture) -> Picture:
    """Cut a picture to its middle square."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def fitted(picture: Picture, side: int) -> Picture:
    """Bring a picture to a cell."""
    return np.asarray(Image.fromarray(middle_square(picture)).resize((side, side), Image.Resampling.LANCZOS))


def blank(side: int) -> Picture:
    """Return an empty cell."""
    return np.full((side, side, 3), 255, dtype=np.uint8)


if __name__ == "__main__":
    main()

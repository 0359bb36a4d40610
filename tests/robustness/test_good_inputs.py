"""What must simply work: one table of inputs, each with the result it gives."""

import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from animate_cli.media import open_reader
from tests.robustness.conftest import Job
from tests.robustness.material import (
    Maker,
    changed,
    clip,
    cut,
    deep_png,
    exif_clip,
    exif_turned,
    folder,
    frames,
    hard_link,
    large_picture,
    link,
    motion,
    noisy_clip,
    pages,
    picture,
    stacked,
    turned,
    varying_rate,
    with_sound,
)  # fmt: skip

LONG = "x" * 251 + ".png"


class Good(NamedTuple):
    """words: the command line. files: what it needs. The result's frames and (width, height); a warning, if any."""

    words: str
    files: dict[str, Maker]
    frames: int = 3
    size: tuple[int, int] = (64, 64)
    says: str = ""
    out: str = "out.mp4"


def source(make: Maker, name: str = "s.png", **expected: object) -> Good:
    """A case about a source."""
    return Good(f"{shlex.quote(name)} driving.mp4 -o out.mp4", {name: make}, **expected)  # type: ignore[arg-type]


def driving(make: Maker, name: str = "d.mp4", **expected: object) -> Good:
    """A case about a driving."""
    return Good(f"source.png {shlex.quote(name)} -o out.mp4", {name: make}, **expected)  # type: ignore[arg-type]


SOURCES = {
    "odd size": source(picture(51, 37), size=(88, 64)),
    "portrait": source(picture(30, 50), size=(64, 106)),
    "very thin": source(picture(3, 300), size=(2, 256)),
    "16-bit grey": source(picture(mode="I;16")),
    "16-bit colour": source(deep_png),
    "alpha": source(picture(mode="RGBA")),
    "grey": source(picture(mode="L")),
    "grey and alpha": source(picture(mode="LA")),
    "palette": source(picture(mode="P")),
    "one bit": source(picture(mode="1")),
    "floating point": source(picture(mode="F", form="TIFF"), "s.tif"),
    "CMYK JPEG": source(picture(mode="CMYK", form="JPEG"), "s.jpg"),
    "progressive JPEG": source(picture(form="JPEG", progressive=True), "s.jpg"),
    **{
        f"EXIF {turn}": source(exif_turned(turn), "s.jpg", size=(96, 64) if turn < 5 else (64, 96))
        for turn in range(1, 9)
    },
    "8K": source(large_picture, size=(114, 64)),
    "one pixel": source(picture(1, 1)),
    "two by two": source(picture(2, 2)),
    "four in a row": source(picture(4, 1), size=(64, 64)),
    "four in a column": source(picture(1, 4), size=(64, 256)),
    "BMP": source(picture(form="BMP"), "s.bmp"),
    "WebP": source(picture(form="WEBP"), "s.webp"),
    "AVIF": source(picture(form="AVIF"), "s.avif"),
    "JPEG 2000": source(picture(form="JPEG2000"), "s.jp2"),
    "TIFF of three pages": source(pages("TIFF"), "s.tif"),
    "PNG called jpg": source(picture(), "s.jpg"),
    "JPEG called png": source(picture(form="JPEG"), "s.png"),
    "PNG called mp4": source(picture(), "s.mp4"),
    "no ending": source(picture(), "portrait"),
    "video": source(clip(), "s.mp4"),
    "video called png": source(clip(), "s.png"),
    "GIF": source(pages("GIF"), "s.gif"),
    "damaged EXIF": source(exif_turned(9), "s.jpg", size=(96, 64)),
}
DRIVINGS = {
    "odd size": driving(clip("-c:v", "ffv1", width=51, height=37, ending="mkv"), "d.mkv"),
    "portrait": driving(clip(width=30, height=50)),
    "turned by 90": driving(turned(90)),
    "turned by 180": driving(turned(180)),
    "turned by 270": driving(turned(270)),
    "turned by EXIF data in a frame": driving(exif_clip, frames=1),
    "video as source, turned by EXIF": source(exif_clip, "s.mov", size=(64, 96)),
    "varying rate": driving(varying_rate, frames=4),
    "one frame": driving(clip(count=1), frames=1),
    "two by two": driving(clip(width=2, height=2)),
    "grey": driving(clip("-c:v", "ffv1", "-pix_fmt", "gray", ending="mkv")),
    "10 bits": driving(clip("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p10le", ending="webm")),
    "alpha": driving(clip("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", ending="webm")),
    "AVI": driving(clip("-c:v", "mpeg4", ending="avi"), "d.avi"),
    "Motion JPEG": driving(clip("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", ending="mov"), "d.mov"),
    "MPEG stream": driving(
        clip("-c:v", "mpeg2video", "-pix_fmt", "yuv420p", ending="ts", count=12), "d.ts", frames=12
    ),
    "bare H.264": driving(clip("-pix_fmt", "yuv420p", "-f", "h264", ending="h264"), "d.h264"),
    "broken tail": driving(cut(noisy_clip, 0.6), frames=17, says="used the 17 of about 30 frames"),
    "unknown sound": driving(changed(with_sound, b"mp4a", b"zzzz")),
    "MP4 called png": driving(clip(), "d.png"),
    "GIF": driving(pages("GIF", duration=40), "d.gif"),
    "GIF called mp4": driving(pages("GIF", duration=40)),
    "animated PNG": driving(pages("PNG", duration=40), "d.png"),
    "animated WebP": driving(pages("WEBP", duration=40), "d.webp"),
    "animated AVIF": driving(pages("AVIF", duration=40), "d.avif"),
    "TIFF of three pages": driving(pages("TIFF"), "d.tif", frames=1),
    "picture": driving(picture(), "d.png", frames=1),
    "picture of one pixel": driving(picture(1, 1), "d.png", frames=1),
    "EXIF-turned picture": driving(exif_turned(6), "d.jpg", frames=1),
    "stacked": driving(stacked, "d.png", frames=5),
    "folder": driving(frames(), "frames"),
    "folder with other things": driving(
        folder(a__png=picture(), b__txt=picture(), c__csv=lambda p: p.write_text("x"), d=frames()),
        "frames",
        frames=2,
    ),
    "saved motion": driving(motion(), "m.safetensors"),
    "saved motion called mp4": driving(motion(), "d.mp4"),
}
NAMES = [
    "with space.png", 'it\'s "quoted".png', "100%d.png", "100% %s.png", "Ünïcödé 写真.png", "new\nline.png",
    "a:b.png",
    "#1?x=2&y.png", "*[a]{b}.png", "\\back.png", "~.png", "$HOME.png", LONG,
]  # fmt: skip
PLACES = {
    "one file": Good("driving.mp4 driving.mp4 -o out.mp4", {}),
    "one picture": Good("source.png source.png -o out.png", {}, frames=1, out="out.png"),
    "symbolic links": Good(
        "s.png d.mp4 -o out.mp4", {"s.png": link("source.png"), "d.mp4": link("driving.mp4")}
    ),
    "hard links": Good(
        "s.png d.mp4 -o out.mp4", {"s.png": hard_link("source.png"), "d.mp4": hard_link("driving.mp4")}
    ),
    "leading dash": Good(
        "-o -out.mp4 -- -s.png -d.mp4", {"-s.png": picture(), "-d.mp4": clip()}, out="-out.mp4"
    ),
    "leading dash, spelled": Good(
        "./-s.png ./-d.mp4 -o=-out.mp4", {"-s.png": picture(), "-d.mp4": clip()}, out="=-out.mp4"
    ),
    "called like a command": Good("./train driving.mp4 -o out.mp4", {"train": picture()}),
    **{f"source {name[:20]!r}": source(picture(), name) for name in NAMES},
    **{f"driving {name[:20]!r}": driving(clip(), name) for name in NAMES},
    **{
        f"out {name[:20]!r}": Good(f"source.png driving.mp4 -o {shlex.quote(name)}", {}, out=name)
        for name in NAMES
    },
}
OUTS = {
    "link to a file": Good("source.png driving.mp4 -o l.mp4", {"l.mp4": link("out.mp4")}, out="l.mp4"),
    "link to nothing yet": Good("source.png driving.mp4 -o l.mp4", {"l.mp4": link("new.mp4")}, out="l.mp4"),
    "hard link": Good("source.png driving.mp4 -o l.mp4", {"l.mp4": hard_link("out.mp4")}, out="l.mp4"),
    "upper case": Good("source.png driving.mp4 -o OUT.MP4", {}, out="OUT.MP4"),
    "empty folder": Good("source.png driving.mp4 -o frames", {"frames": folder()}, out="frames"),
    "folder with an ending": Good("source.png driving.mp4 -o x.mp4", {"x.mp4": folder()}, out="x.mp4"),
    "end and rate": Good("source.png driving.mp4 -o out.mp4 --end 0.06 --fps 100", {}, frames=6),
    "end and rate of a motion": Good(
        "source.png m.safetensors -o out.mp4 --end 0.06 --fps 100", {"m.safetensors": motion()}, frames=6
    ),
    "slow rate": Good("source.png driving.mp4 -o out.mp4 --fps 1/1000", {}, frames=1),
    "high rate": Good("source.png driving.mp4 -o out.mp4 --fps 1000", {}, frames=120),
}
TABLES = {"source": SOURCES, "driving": DRIVINGS, "place": PLACES, "out": OUTS}
CASES = {f"{group}: {name}": case for group, table in TABLES.items() for name, case in table.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_must_simply_work(job: Job, place: Path, name: str) -> None:
    case = CASES[name]
    for file, make in case.files.items():
        make(place / file)
    outcome = job("-q", *shlex.split(case.words))
    assert outcome.code == 0, outcome.stderr
    assert len(outcome.lines) == bool(case.says), outcome.stderr
    assert case.says in outcome.stderr
    with open_reader(case.out) as reader:
        made = list(reader)
    assert (reader.info.width, reader.info.height) == case.size
    assert len(made) == case.frames
    assert not [path.name for path in place.iterdir() if path.name.startswith(".")]

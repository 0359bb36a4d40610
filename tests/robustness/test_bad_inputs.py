"""What must fail with one clear line, nothing lost: sources, drivings, outputs and options of the main job."""

import os
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.robustness.conftest import Job, contents, require_one_error
from tests.robustness.material import (
    PAGE,
    POINTER,
    TRAPS,
    WORDS,
    Maker,
    bad_array,
    changed,
    clip,
    cut,
    folder,
    frames,
    hard_link,
    holds,
    link,
    motion,
    no_frames,
    picture,
    png_claiming,
    sound_only,
    steps,
    zipped,
)  # fmt: skip


class Bad(NamedTuple):
    """words: the command line. says: what its one line must say. files: what the case needs."""

    words: str
    says: tuple[str, ...]
    files: dict[str, Maker] = {}  # noqa: RUF012
    code: int = 1


def source(make: Maker, *says: str, name: str = "s.png") -> Bad:
    """A case about a source."""
    return Bad(f"{shlex.quote(name)} driving.mp4 -o out.mp4", (name, *says), {name: make})


def driving(make: Maker, *says: str, name: str = "d.mp4") -> Bad:
    """A case about a driving."""
    return Bad(f"source.png {shlex.quote(name)} -o out.mp4", (name, *says), {name: make})


def out(words: str, *says: str, code: int = 1, **files: Maker) -> Bad:
    """A case about the output; a double underscore in a file's name stands for a dot."""
    entries = {name.replace("__", "."): make for name, make in files.items()}
    return Bad(f"source.png driving.mp4 {words}", says, entries, code)


def option(words: str, *says: str, code: int = 2) -> Bad:
    """A case about an option's value."""
    return Bad(f"source.png driving.mp4 -o out.mp4 {words}", says, code=code)


def subtitles(path: Path) -> object:
    return path.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")


NO_PICTURE = {
    "empty": (holds(b""), "the file is empty"),
    "text": (holds(WORDS), "give "),
    "page": (holds(PAGE), "give "),
    "zeros": (holds(bytes(5000)), "give "),
    "pointer": (holds(POINTER), "git lfs pull"),
    "subtitles": (subtitles, "give "),
    "zip": (zipped, "give "),
    "sound alone": (sound_only, "no moving picture"),
    "picture track without a picture": (no_frames, "give "),
    "video cut before its index": (cut(clip(), 0.3), "cut off"),
    "unknown codec": (changed(clip(), b"avc1", b"zzzz"), "codec"),
    "encrypted": (changed(clip(), b"avc1", b"encv"), "codec"),
    "PNG cut off": (cut(picture(200, 200), 0.2), "damaged or cut off"),
    "PNG of only a header": (cut(picture(), 0.02), "d"),
    "PNG that claims 100,000 x 100,000": (png_claiming(100_000, 100_000), "too large"),
    "PNG of no width": (png_claiming(0, 48), ""),
    "loop of links": (link("loop"), ""),
    "link to nothing": (link("nowhere"), "no such file"),
    "fifo": (os.mkfifo, "not a file"),
    "empty folder": (folder(), "holds no pictures"),
    "folder of texts": (folder(a__txt=holds(WORDS)), "holds no pictures"),
    **{f"pickle: {kind}": (holds(make()), "") for kind, make in TRAPS.items()},
}
SOURCES = {
    **{
        name: source(make, words, name="loop" if "loop" in name else "s.png")
        for name, (make, words) in NO_PICTURE.items()
        if "folder" not in name
    },
    "missing": Bad("missing.png driving.mp4 -o out.mp4", ("missing.png", "no such file")),
    "missing folder": Bad("no/s.png driving.mp4 -o out.mp4", ("no/s.png", "no such file")),
    "through a file": Bad("source.png/s.png driving.mp4 -o out.mp4", ("source.png/s.png",)),
    "long name": Bad(f"{'x' * 300}.png driving.mp4 -o out.mp4", ("x" * 300, "name too long")),
    "long word": Bad(f"{'x' * 300} driving.mp4 -o out.mp4", ("x" * 300, "name too long")),
    "null device": Bad("/dev/null driving.mp4 -o out.mp4", ("/dev/null", "not a file")),
    "dash": Bad("- driving.mp4 -o out.mp4", ("-: ", "no such file")),
    "folder": Bad("many driving.mp4 -o out.mp4", ("out.mp4", "many is a folder"), {"many": frames()}),
    "folder without pictures": Bad(
        "many driving.mp4 -o results", ("many", "holds no pictures"), {"many": folder(a__txt=holds(WORDS))}
    ),
    "newline": source(holds(WORDS), name="new\nline.png")._replace(says=("new line.png",)),
    "escape": source(holds(WORDS), name="\x1b[31mred.png")._replace(says=("[31mred.png",)),
}
DRIVINGS = {
    **{
        name: driving(make, words, name="loop" if "loop" in name else "d.mp4")
        for name, (make, words) in NO_PICTURE.items()
    },
    "missing": Bad("source.png missing.mp4 -o out.mp4", ("missing.mp4", "no such file")),
    "null device": Bad("source.png /dev/null -o out.mp4", ("/dev/null", "not a file")),
    "folder of two sizes": driving(
        folder(a__png=picture(), b__png=picture(40, 40)), "of one size", name="frames"
    ),
    "folder of damaged pictures": driving(folder(a__png=cut(picture(), 0.5)), "damaged", name="frames"),
    "playlist": driving(
        holds(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ndriving.mp4\n#EXT-X-ENDLIST\n"),
        "give ",
        name="d.m3u8",
    ),
    "concat list": driving(holds(b"ffconcat version 1.0\nfile driving.mp4\n"), "give ", name="d.txt"),
}
MOTIONS = {
    "cut off": (cut(motion(), 0.7), "motion"),
    "empty header": (holds((2).to_bytes(8, "little") + b"{}"), "motion"),
    "broken header": (holds((50).to_bytes(8, "little") + b"{" * 60), "motion"),
    "other tensors": (motion(drop="jacobian"), "not a motion file"),
    "other keypoints": (motion(value=bad_array((3, 7, 2)), jacobian=bad_array((3, 7, 2, 2))), "7 keypoints"),
    "no keypoints": (motion(value=bad_array((3, 0, 2)), jacobian=bad_array((3, 0, 2, 2))), "keypoints"),
    "no frames": (
        motion(value=bad_array((0, 5, 2)), jacobian=bad_array((0, 5, 2, 2)), time=bad_array((0,))),
        "motion",
    ),
    "misfitting": (motion(time=bad_array((7,))), "do not fit"),
    "not numbers": (motion(value=bad_array((3, 5, 2), float("nan"))), "cannot be"),
    "falling times": (motion(time=-steps(3)), "do not rise"),
    "huge times": (motion(time=steps(3) * 1e305), "cannot be"),
    "times without end": (motion(time=steps(3) + float("inf")), "cannot be"),
    "dense times": (motion(time=steps(3) * 1e-9), "times"),
    "texts for a rate": (motion({"rate": "fast"}), "rate"),
    "huge rate": (motion({"rate": "1000000000000"}), "rate"),
    "negative rate": (motion({"rate": "-25"}), "rate"),
    "another format": (motion({"format": "animate-motion/9"}), "format"),
    "values that overflow": (motion(value=bad_array((3, 5, 2), 1e38)), "cannot be"),
}
OUTS = {
    "missing folder": out("-o no/o.mp4", "no/o.mp4", "make it first"),
    "in a file": out("-o source.png/o.mp4", "source.png/o.mp4"),
    "in /proc": out("-o /proc/o.mp4", "/proc/o.mp4", "choose another folder"),
    "unknown ending": out("-o o.xyz", "o.xyz", "use .mp4"),
    "picture from a video": out("-o o.jpg", "o.jpg", "use .mp4"),
    "only an ending": out("-o .mp4", "choose one like"),
    "long name": out(f"-o {'y' * 300}.mp4", "y" * 300, "name too long"),
    "the source": out("-o source.png", "source.png", "also an input"),
    "the driving": out("-o driving.mp4", "driving.mp4", "also an input"),
    "the driving spelled otherwise": out("-o ./x/../driving.mp4", "also an input", x=folder()),
    "the driving through a link": out("-o l.mp4", "l.mp4", "also an input", l__mp4=link("driving.mp4")),
    "the driving through a hard link": out(
        "-o l.mp4", "l.mp4", "also an input", l__mp4=hard_link("driving.mp4")
    ),
    "full folder": out("-o full", "full", "--overwrite", full=folder(a__txt=holds(WORDS))),
    "file without ending": out("-o taken", "taken", "without ending", taken=holds(b"x")),
    "folder where a picture goes": Bad(
        "source.png source.png -o x.png", ("x.png", "is a folder"), {"x.png": folder()}
    ),
    "frame that is an input": Bad(
        "f/000000.png driving.mp4 -o f --overwrite",
        ("000000.png", "input"),
        {"f": folder(**{"000000__png": picture()})},
    ),
    "result of a folder that is an input": Bad(
        "many r/a.mp4 -o r --overwrite",
        ("a.mp4", "input"),
        {"many": folder(a__png=picture()), "r": folder(a__mp4=clip())},
    ),
    "result of a folder that is a folder": Bad(
        "many driving.mp4 -o r --overwrite",
        ("a.mp4", "is a folder"),
        {"many": folder(a__png=picture()), "r": folder(a__mp4=folder(x__txt=holds(b"x")))},
    ),
    "fifo": out("-o o.mp4", "o.mp4", "not a regular file", o__mp4=os.mkfifo),
    "link to a fifo": out("-o l.mp4", "l.mp4", "not a regular file", l__mp4=link("pipe"), pipe=os.mkfifo),
    "link into a missing folder": out("-o l.mp4", "l.mp4", "does not exist", l__mp4=link("no/o.mp4")),
    "loop of links": out("-o l.mp4", "l.mp4", l__mp4=link("l.mp4")),
    "motion over the source": out("-o out.mp4 --save-motion source.png", "--save-motion", code=2),
    "motion over the driving": Bad(
        "source.png m.safetensors -o out.mp4 --save-motion ./m.safetensors",
        ("m.safetensors", "input"),
        {"m.safetensors": motion()},
    ),
    "motion over a face's driving": Bad(
        "source.png driving.mp4 -o out.mp4 --face all --driving-for 1=m.safetensors --save-motion m.safetensors",
        ("m.safetensors", "input"),
        {"m.safetensors": motion()},
    ),
    "motion over the weights": out(
        "-o out.mp4 -w w.safetensors --save-motion w.safetensors",
        "w.safetensors",
        "input",
        w__safetensors=motion(),
    ),
    "result over the weights": out("-o w.mp4 -w w.mp4", "w.mp4", "input", w__mp4=motion()),
    "motion into a missing folder": out("-o out.mp4 --save-motion no/m.safetensors", "does not exist"),
    "motion over a folder": out(
        "-o out.mp4 --save-motion m.safetensors", "m.safetensors", "is a folder", m__safetensors=folder()
    ),
    "motion over a fifo": out(
        "-o out.mp4 --save-motion m.safetensors",
        "m.safetensors",
        "not a regular file",
        m__safetensors=os.mkfifo,
    ),
}
OPTIONS = {
    words: option(words, words.split()[0], *says)
    for words, *says in [
        ("--fps 0", "frame rate"),
        ("--fps nan", "frame rate"),
        ("--fps inf",),
        ("--fps -5",),
        ("--fps 1/0",),
        ("--fps 99999",),
        ("--fps fast",),
        ("--start later", "not a time"),
        ("--start -1",),
        ("--end 1:99",),
        ("--start 5 --end 2", "before --end"),
        ("--start 1 --end 1",),
        ("--size 0",),
        ("--size 7", "16"),
        ("--size 100000",),
        ("--size big",),
        ("--crf 99",),
        ("--crf -1",),
        ("--batch-size 0", "at least 1"),
        ("--batch-size -4",),
        ("--batch-size many",),
        ("--device tpu", "cuda"),
        ("--device cuda:x",),
        ("--precision int4",),
        ("--background nocolor", "colour"),
        ("--background ''",),
        ("--background '#12'",),
        ("--strength inf", "plain number"),
        ("--strength nan",),
        ("--strength -1",),
        ("--smooth nan",),
        ("--smooth inf",),
        ("--steady nan", "at most 1"),
        ("--steady 1.5", "at most 1"),
        ("--steady -1",),
        ("--reference-frame -1",),
        ("--reference-frame first",),
        ("--fit squeeze",),
        ("--layout three",),
        ("--motion none",),
        ("--crop none",),
        ("--crop off --paste-back", "--crop off"),
        ("--face 0", "--face"),
        ("--driving-for 2 --face all", "N=FILE"),
        ("--save-motion m.pt", ".safetensors"),
        ("--overwritten",),
    ]
} | {
    "--crop face": option("--crop face", "no face found", "--crop off", code=1),
    "--codec nonsense": option("--codec nonsense", "nonsense", "h264", code=1),
    "--crf 60": option("--crf 60", "--crf 60", "51", code=1),
    "--device cuda:99": option("--device cuda:99", "cuda:99", code=1),
    "--precision fp16 on a CPU": option("--precision fp16", "fp16", "bf16", code=1),
    "--start beyond the end": option("--start 5", "driving.mp4", "lasts 0.12 s", code=1),
    "--start far beyond the end": option(f"--start {10**18}", "driving.mp4", "lasts 0.12 s", code=1),
    "--start without end": option(f"--start {'9' * 400}", "driving.mp4", code=1),
    "--reference-frame beyond the end": option(
        "--reference-frame 3", "--reference-frame 3", "3 frames", code=1
    ),
    "--reference-frame far beyond": option("--reference-frame 99999999999999999999", "3 frames", code=1),
    "--reference-frame beyond a range": option("--reference-frame 1 --end 0.03", "1 frame", code=1),
    "--strength that overflows": option("--strength 1e300", "--strength", code=2),
    "-w nonsense": option("-w nonsense", "nonsense", "toon-face", code=1),
    "-w toonface": option("-w toonface", "toon-face", code=1),
    "-w vox": option("-w vox", "vox-cpk.pth.tar", code=1),
    "-w x.safetensors": option("-w x.safetensors", "x.safetensors", code=1),
    "-w long name": option(f"-w {'w' * 300}", "w" * 300, code=1),
    "no OUT": Bad("source.png driving.mp4", ("--out",), code=2),
    "no DRIVING": Bad("source.png -o out.mp4", ("DRIVING",), code=2),
    "one word too many": option("more.mp4", "more.mp4"),
    "mistyped command": Bad("trian driving.mp4 -o out.mp4", ("did you mean `train`",), code=2),
}
TABLES = {
    "source": SOURCES,
    "driving": DRIVINGS,
    "out": OUTS,
    "option": OPTIONS,
    "motion": {name: driving(make, says, name="m.safetensors") for name, (make, says) in MOTIONS.items()},
}
CASES = {f"{group}: {name}": case for group, table in TABLES.items() for name, case in table.items()}


@pytest.mark.parametrize("name", CASES)
def test_what_must_fail_with_one_clear_line(job: Job, place: Path, name: str) -> None:
    case = CASES[name]
    for file, make in case.files.items():
        make(place / file)
    before = contents(place)
    outcome = job(*shlex.split(case.words))
    require_one_error(outcome, case.code, case.says)
    assert contents(place) == before

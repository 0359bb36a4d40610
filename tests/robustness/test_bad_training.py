"""`animate train`: configs, data sets and runs that cannot work fail in one line, with what was there untouched."""

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from animate_cli.data.videos import FrameStore, list_videos
from animate_cli.errors import DataError
from animate_cli.presets import save_config
from tests.cli.conftest import Animate
from tests.robustness.conftest import contents, require_one_error
from tests.robustness.material import (
    PAGE,
    POINTER,
    TRAPS,
    WORDS,
    Maker,
    clip,
    cut,
    folder,
    frames,
    holds,
    link,
    picture,
    torch_file,
)  # fmt: skip
from tests.training.runs import on_toons, on_videos, start, write_videos

CONFIGS: dict[str, tuple[Maker, str]] = {
    "missing": (lambda path: None, "no such file"),
    "folder": (folder(), "is a folder"),
    "fifo": (os.mkfifo, "expected a YAML file"),
    "binary": (holds(bytes(range(256))), "not a text file"),
    "picture": (picture(), "not a text file"),
    "huge": (holds(b"#" * 300_000), "larger than 256 KiB"),
    "words": (holds(WORDS), "key: value"),
    "page": (holds(PAGE), "key: value"),
    "pointer": (holds(POINTER), "key: value"),
    "list": (holds(b"- model\n- loss\n"), "key: value"),
    "number": (holds(b"12\n"), "key: value"),
    "tabs": (holds(b"model:\n\tsize: [64, 64]\n"), "line 2"),
    "unknown key": (holds(b"optimiser: {}\n"), "did you mean optimizer"),
    "key twice": (holds(b"name: a\nname: b\n"), "stands here twice"),
    "bomb": (holds(b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"), "aliases are not accepted"),
    "deep": (holds(b"a: " + b"[" * 5000), "c.yaml"),
    "two documents": (holds(b"name: a\n---\nname: b\n"), "c.yaml"),
    "wrong type": (holds(b"optimizer: {batch_size: many}\n"), "optimizer.batch_size"),
    "not a number": (holds(b"optimizer: {learning_rate: .nan}\n"), "optimizer.learning_rate"),
    "without end": (holds(b"optimizer: {learning_rate: .inf}\n"), "optimizer.learning_rate"),
    "huge number": (holds(b"model: {num_keypoints: 99999999999999999999999}\n"), "model.num_keypoints"),
    "too many digits": (holds(b"model: {num_keypoints: " + b"9" * 5000 + b"}\n"), "c.yaml"),
    "deep networks": (holds(b"model: {motion: {num_blocks: 1000000000}}\n"), "model.motion.num_blocks"),
    "wide networks": (holds(b"model: {generator: {base_channels: 1000000000}}\n"), "base_channels"),
    "huge pictures": (holds(b"model: {size: [1000000, 1000000]}\n"), "model.size"),
    "huge batches": (holds(b"optimizer: {batch_size: 1000000000}\n"), "optimizer.batch_size"),
    "pyramid to nothing": (
        holds(b"model: {size: [16, 16]}\nloss: {pyramid: [0.015625]}\n"), "loss.pyramid",
    ),
    "half a published one": (holds(b"model_params: 3\n"), "model_params"),
    **{f"trap: {kind}": (holds(make()), "c.yaml") for kind, make in TRAPS.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_configs(animate: Animate, place: Path, name: str) -> None:
    make, says = CONFIGS[name]
    make(place / "c.yaml")
    before = contents(place)
    outcome = animate("train", "c.yaml", "--data", "nowhere", "--out", "run", "--device", "cpu")
    require_one_error(outcome, 1, ("c.yaml", says))
    assert contents(place) == before


CLIPS = {"a": frames(), "b": frames()}
DATA: dict[str, tuple[Maker, str]] = {
    "missing": (lambda path: None, "no such folder"),
    "file": (holds(WORDS), "no such folder"),
    "empty": (folder(), "holds no videos"),
    "empty train": (folder(train=folder(), test=folder(**CLIPS)), "holds no videos"),
    "notes only": (folder(a__txt=holds(WORDS), b__csv=holds(WORDS)), "holds no videos"),
    "text called mp4": (folder(a__mp4=holds(WORDS)), "a.mp4"),
    "empty video": (folder(a__mp4=holds(b"")), "a.mp4: the file is empty"),
    "one frame": (folder(a__mp4=clip(count=1)), "a.mp4: a training video needs at least 2 frames"),
    "one picture": (folder(a__png=picture()), "at least 2 frames"),
    "empty folder of frames": (folder(a=folder()), "holds no pictures"),
    "frames of two sizes": (folder(a=folder(a__png=picture(), b__png=picture(40, 40))), "of one size"),
    "damaged frames": (folder(a=folder(a__png=cut(picture(200, 200), 0.3))), "damaged"),
    "fifo": (folder(a__mp4=os.mkfifo), "a.mp4: not a file"),
    "lost link": (folder(a__mp4=link("nowhere")), "a.mp4"),
    "loop of links": (folder(a__mp4=link("a.mp4")), "a.mp4"),
    **{f"trap: {kind}": (folder(a__mp4=holds(make())), "a.mp4") for kind, make in TRAPS.items()},
}

READ_WHOLE = {"frames of two sizes"}
"""What only reading a video to its end tells; --check-data opens each."""


@pytest.mark.parametrize("name", DATA)
def test_data_sets(animate: Animate, place: Path, name: str) -> None:
    make, says = DATA[name]
    make(place / "data")
    save_config(on_videos(), place / "c.yaml")
    before = contents(place)
    outcome = animate("train", "c.yaml", "--data", "data", "--out", "run", "--device", "cpu", "-q")
    require_one_error(outcome, 1, ("data", says))
    after = {name: value for name, value in contents(place).items() if not name.startswith("run")}
    assert after == before
    if name not in READ_WHOLE:
        checked = animate("train", "c.yaml", "--data", "data", "--check-data", "-q")
        require_one_error(checked._replace(stdout=""), 1, ("data",))  # the report is for stdout


START = "train c.yaml --data data --device cpu -q"
STARTS: dict[str, tuple[str, int, tuple[str, ...], dict[str, Maker]]] = {
    "no config": ("train --data data", 2, ("CONFIG", "--resume"), {}),
    "config and resume": ("train c.yaml --resume run", 2, ("--resume",), {}),
    "unknown preset": ("train vox-257", 1, ("vox-256",), {}),
    "long name": (f"train {'c' * 300}", 1, ("c" * 70,), {}),
    "unknown variant": (f"{START} --variant best", 1, ("best", "paper"), {}),
    "unknown key": (f"{START} --set colour=1", 1, ("colour",), {}),
    "no value": (f"{START} --set name", 1, ("key.path=value",), {}),
    "no data": ("train c.yaml -q", 1, ("--data",), {}),
    "no data to check": ("train c.yaml --check-data", 2, ("--data",), {}),
    "no steps": (f"{START} --max-steps 0", 2, ("--max-steps",), {}),
    "no time": (f"{START} --max-time 0", 2, ("--max-time",), {}),
    "time in words": (f"{START} --max-time soon", 2, ("soon", "2h"), {}),
    "time beyond measure": (f"{START} --max-time {'9' * 400}h", 2, ("--max-time",), {}),
    "negative seed": (f"{START} --seed -1", 2, ("--seed",), {}),
    "huge seed": (f"{START} --seed {10**30}", 2, ("--seed",), {}),
    "no such device": (f"{START} --device cuda:99", 1, ("cuda:99",), {}),
    "no such kind of device": (f"{START} --device tpu", 2, ("tpu",), {}),
    "unknown weights": (f"{START} --init-from nonsense", 1, ("nonsense",), {}),
    "weights of other sizes": (f"{START} --init-from toon-face", 1, ("another size",), {}),
    "trap for weights": (f"{START} --init-from w.pth", 1, ("w.pth",), {"w.pth": holds(TRAPS["zip"]())}),
    "out is a file": (f"{START} --out source.png", 1, ("source.png", "is a file"), {}),
    "out in a file": (f"{START} --out source.png/run", 1, ("source.png/run",), {}),
    "out in /proc": (f"{START} --out /proc/run", 1, ("/proc/run",), {}),
    "out is the data": (f"{START} --out data", 1, ("data", "choose another --out"), {}),
    "out among the data": (f"{START} --out ./data/run", 1, ("choose another --out",), {}),
    "out holds a run": (f"{START} --out r", 1, ("--resume",), {"r": folder(config__yaml=holds(b""))}),
    "out holds weights": (
        f"{START} --out r", 1, ("weights.safetensors",), {"r": folder(weights__safetensors=holds(b"mine"))},
    ),
    "nothing to resume": ("train --resume nowhere", 1, ("nowhere", "config.yaml"), {}),
    "a file to resume": ("train --resume source.png", 1, ("source.png",), {}),
    "perceptual loss without its network": (
        f"{START} --set loss.perceptual=[1,1,1,1,1]", 1, ("vgg19-dcbb9e9d.pth",), {},
    ),
    "trap for the perceptual loss": (
        f"{START} --set loss.perceptual=[1,1,1,1,1]", 1, ("is not the weights file of VGG-19",),
        {"torch/hub/checkpoints/vgg19-dcbb9e9d.pth": holds(TRAPS["zip"]())},
    ),
    "toons without an end": ("train toons.yaml -q", 1, ("--max-steps", "--max-time"), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", STARTS)
def test_starts(animate: Animate, place: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    line, code, says, files = STARTS[name]
    monkeypatch.setenv("TORCH_HOME", str(place / "torch"))
    save_config(on_videos(), place / "c.yaml")
    save_config(on_toons(max_steps=None), place / "toons.yaml")
    write_videos(place / "data")
    for file, make in files.items():
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        make(place / file)
    before = contents(place)
    require_one_error(animate(*shlex.split(line)), code, says)
    assert contents(place) == before


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data and a run of two steps that wants to go on to four."""
    place = tmp_path_factory.mktemp("begun")
    data = write_videos(place / "data")
    list(start(on_videos(max_steps=2), place / "run", data=data))
    save_config(on_videos(max_steps=4), place / "run" / "config.yaml")
    return place


@pytest.fixture
def run(begun: Path, place: Path) -> Path:
    """A copy of the run, to be damaged."""
    for name in ("data", "run"):
        shutil.copytree(begun / name, place / name)
    facts = (place / "run" / "run.json").read_text()
    (place / "run" / "run.json").write_text(facts.replace(str(begun), str(place)))
    return place / "run"


def write_newest(content: bytes) -> Callable[[Path], object]:
    return lambda run: (run / "checkpoints" / "step-2").write_bytes(content)


RUNS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda run: (run / "config.yaml").rename(run / "moved"), "config.yaml is missing"),
    "damaged config": (lambda run: (run / "config.yaml").write_text("optimizer: 3\n"), "optimizer"),
    "damaged facts": (lambda run: (run / "run.json").write_text("{"), "run.json is damaged"),
    "facts that are a list": (lambda run: (run / "run.json").write_text("[1]"), "run.json is damaged"),
    "facts of wrong types": (lambda run: (run / "run.json").write_text('{"seed": "x"}'), "run.json is damaged"),
    "damaged metrics": (lambda run: (run / "metrics.csv").write_bytes(b"\xff\xfe\0step"), "metrics.csv is damaged"),
    "no checkpoints": (lambda run: shutil.rmtree(run / "checkpoints"), "no checkpoint"),
    "cut checkpoint": (
        lambda run: cut_in_place(run / "checkpoints" / "step-2"),
        "step-2 is damaged; delete it to resume from step-0",
    ),
    "empty checkpoint": (write_newest(b""), "step-2 is damaged"),
    "trap": (write_newest(TRAPS["zip"]()), "step-2 is damaged"),
    "old trap": (write_newest(TRAPS["legacy"]()), "step-2 is damaged"),
    "pickled trap": (write_newest(TRAPS["pickle"]()), "step-2 is damaged"),
    "checkpoint that is a list": (write_newest(torch_file([1, 2])), "step-2 is no checkpoint"),
    "checkpoint of something else": (write_newest(torch_file({"step": "x"})), "do not fit"),
    "checkpoint of another model": (
        write_newest(torch_file({"step": 2, "model": {"a": torch.zeros(2)}})), "do not fit",
    ),
    "data gone": (lambda run: (run.parent / "data").rename(run.parent / "moved"), "no such folder"),
}  # fmt: skip


def cut_in_place(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize("name", RUNS)
def test_damaged_runs(animate: Animate, run: Path, name: str) -> None:
    damage, says = RUNS[name]
    damage(run)
    before = contents(run)
    require_one_error(animate("train", "--resume", "run", "--device", "cpu", "-q"), 1, (says,))
    assert contents(run) == before


def test_a_bad_video_in_the_middle_costs_no_step(
    animate: Animate, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third batch meets a damaged frame: what was trained until then is kept, and goes on once it is gone."""
    bad = run.parent / "data" / "a#1"
    kept = {path: path.read_bytes() for path in bad.iterdir()}
    for path in kept:
        path.write_bytes(b"broken")
    outcome = animate("train", "--resume", "run", "--device", "cpu", "-q")
    require_one_error(outcome, 1, ("a#1", "--check-data", "--resume run"))
    for path, content in kept.items():
        path.write_bytes(content)
    assert animate("train", "--resume", "run", "--device", "cpu", "-q").code == 0
    assert (run / "checkpoints" / "step-4").exists()


def test_a_loss_that_is_not_a_number_stops_at_the_last_good_checkpoint(animate: Animate, place: Path) -> None:
    save_config(on_videos(max_steps=9, learning_rate=1e18, detector_learning_rate=1e18), place / "c.yaml")
    write_videos(place / "data")
    outcome = animate(*START.split(), "--out", "run")
    require_one_error(
        outcome, 1, ("not a finite number", "step-0 stays as the last good checkpoint", "--resume")
    )
    saved = torch.load("run/checkpoints/step-0", weights_only=True)["model"]
    assert all(tensor.isfinite().all() for tensor in saved.values())


def test_out_of_memory_says_the_batch_to_try(
    animate: Animate, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried"
        )

    monkeypatch.setattr("animate_cli.training.step.TrainingStep.run", refuse)
    save_config(on_videos(batch_size=6), place / "c.yaml")
    write_videos(place / "data")
    require_one_error(animate(*START.split(), "--out", "run"), 1, ("--set optimizer.batch_size=3",))


def test_toons_may_end_by_time_alone(animate: Animate, place: Path) -> None:
    config = on_toons(max_steps=None)
    save_config(replace(config, optimizer=replace(config.optimizer, milestones=())), place / "c.yaml")
    outcome = animate("train", "c.yaml", "--out", "run", "--device", "cpu", "--max-time", "0.01")
    assert outcome.code == 0
    assert outcome.lines[0] == "training into run"
    assert (place / "run" / "weights.safetensors").exists()


def test_a_trap_in_the_cache_of_frames_runs_nothing(place: Path) -> None:
    video, store = list_videos(write_videos(place / "data"))[0], FrameStore(place / "cache", (64, 64))
    store.frames(video)
    store.stored[video.path].write_bytes(TRAPS["numpy"]())
    with pytest.raises(DataError, match="is damaged; delete"):
        store.frames(video)
    assert not Path("trapped").exists()

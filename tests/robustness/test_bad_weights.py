"""Whatever is given as weights: `-w` and `import` fail in one line, `inspect` says what it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as to_safetensors

from animate_cli.weights import WeightsInfo
from animate_cli.weights.info import to_metadata
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
    holds,
    link,
    motion,
    picture,
    torch_file,
    zipped,
)  # fmt: skip
from tests.tiny import tiny_config, tiny_model
from tests.weights.published_layout import Sizes, make_checkpoint

Change = Callable[[dict[str, torch.Tensor], dict[str, str]], object]


def ours(change: Change = lambda state, facts: None) -> Maker:
    """Make a file of ours, its tensors or facts changed."""

    def write(path: Path) -> None:
        state = {name: tensor.clone().contiguous() for name, tensor in tiny_model().state_dict().items()}
        facts = to_metadata(WeightsInfo(tiny_config()))
        change(state, facts)
        path.write_bytes(to_safetensors(state, facts))

    return write


def fact(old: str, new: str) -> Maker:
    """Make a file of ours with something else in its config."""

    def change(state: object, facts: dict[str, str]) -> None:
        assert old in facts["config"]
        facts["config"] = facts["config"].replace(old, new)

    return ours(change)


def published(change: Callable[[dict[str, dict[str, torch.Tensor]]], object]) -> Maker:
    """Make a published checkpoint, something in it changed."""

    def write(path: Path) -> None:
        content = make_checkpoint(Sizes())
        change(content)
        path.write_bytes(torch_file(content))

    return write


FILES: dict[str, tuple[Maker, str]] = {
    "empty": (holds(b""), "an empty file"),
    "text": (holds(WORDS), "a text file"),
    "page": (holds(PAGE), "an HTML page"),
    "pointer": (holds(POINTER), "git lfs pull"),
    "zeros": (holds(bytes(5000)), "not a weights file"),
    "picture": (picture(), "a PNG picture"),
    "video": (clip(), "not a weights file"),
    "zip": (zipped, "unpack it first"),
    "motion": (motion(), "give it as DRIVING"),
    "folder": (folder(a__safetensors=holds(WORDS)), "a folder"),
    "fifo": (os.mkfifo, "not a regular file"),
    "cut off": (cut(ours(), 0.6), "truncated"),
    "cut off in the header": (cut(ours(), 0.01), "truncated"),
    "zip cut off": (cut(holds(torch_file(make_checkpoint(Sizes()))), 0.9), "truncated"),
    "legacy cut off": (cut(holds(torch_file(make_checkpoint(Sizes()), legacy=True)), 0.9), "truncated"),
    "other sizes": (fact('"num_keypoints": 4', '"num_keypoints": 9'), "but must be"),
    "too many keypoints": (fact('"num_keypoints": 4', '"num_keypoints": 1000000000'), "num_keypoints"),
    "too many blocks": (fact('"num_blocks": 2', '"num_blocks": 1000000000'), "num_blocks"),
    "too many residual blocks": (
        fact('"num_residual_blocks": 2', '"num_residual_blocks": 1000000000'),
        "num_residual_blocks",
    ),
    "size that does not fit": (fact('"size": [64, 64]', '"size": [50, 64]'), "multiples of"),
    "unknown key": (fact('"num_keypoints"', '"keypoints"'), "keypoints"),
    "no format": (ours(lambda _, facts: facts.pop("format")), "not one of animate"),
    "newer format": (ours(lambda _, facts: facts.update(format="animate/9")), "animate/1"),
    "missing tensor": (
        ours(lambda state, _: state.pop("generator.last.bias", None) or state.popitem()),
        "missing",
    ),
    "one tensor more": (ours(lambda state, _: state.update(more=torch.zeros(2))), "has no place"),
    "not a number": (ours(lambda state, _: next(iter(state.values())).fill_(float("nan"))), "not a number"),
    "published of other sizes": (published(lambda c: c["generator"].popitem()), "is missing"),
    "published without values": (published(lambda c: c.pop("kp_detector")), "not a first order motion model"),
    "published, not a number": (
        published(lambda c: c["generator"]["final.bias"].fill_(float("nan"))),
        "not a number",
    ),
    **{f"trap: {kind}": (holds(make()), "") for kind, make in TRAPS.items()},
}


@pytest.mark.parametrize("name", FILES)
def test_what_holds_no_model(animate: Animate, place: Path, name: str) -> None:
    make, says = FILES[name]
    make(place / "w.pth.tar")
    before = contents(place)
    lines = ["-w w.pth.tar source.png driving.mp4 -o out.mp4", "weights import w.pth.tar -o ours.safetensors"]
    for line in lines:
        require_one_error(animate(*line.split()), 1, ("w.pth.tar", says))
    inspected = animate("weights", "inspect", "w.pth.tar")
    assert (inspected.code, inspected.stderr) == (0, "")
    assert "usable: no" in inspected.stdout or "not a number" in says
    assert contents(place) == before


LINES: dict[str, tuple[str, tuple[str, ...], dict[str, Maker]]] = {
    "inspect what is missing": ("inspect no.safetensors", ("no.safetensors", "no such file"), {}),
    "inspect a long name": (f"inspect {'w' * 300}", ("w" * 300, "too long"), {}),
    "report over the file itself": ("inspect w.safetensors --json ./w.safetensors", ("w.safetensors",), {}),
    "report into a missing folder": ("inspect w.safetensors --json no/r.json", ("no/r.json",), {}),
    "report over a folder": ("inspect w.safetensors --json r", ("r: ",), {"r": folder()}),
    "list into a missing folder": ("list --json no/r.json", ("no/r.json",), {}),
    "import what is missing": ("import no.pth.tar -o o.safetensors", ("no.pth.tar", "no such file"), {}),
    "import to another ending": ("import w.safetensors -o o.pth", ("o.pth", ".safetensors"), {}),
    "import into a missing folder": ("import w.safetensors -o no/o.safetensors", ("does not exist",), {}),
    "import into a file": ("import w.safetensors -o source.png/o.safetensors", ("source.png",), {}),
    "import into /proc": ("import w.safetensors -o /proc/o.safetensors", ("/proc/o.safetensors",), {}),
    "import over itself": ("import w.safetensors -o ./w.safetensors", ("input",), {}),
    "import over itself through a link": (
        "import w.safetensors -o l.safetensors", ("input",), {"l.safetensors": link("w.safetensors")},
    ),
    "import over a folder": (
        "import w.safetensors -o f.safetensors", ("f.safetensors",), {"f.safetensors": folder()},
    ),
    "import over a fifo": (
        "import w.safetensors -o f.safetensors", ("f.safetensors",), {"f.safetensors": os.mkfifo},
    ),
    "config that is not needed": ("import w.safetensors --config c.yaml -o o.safetensors", ("c.yaml",), {}),
    "config that is missing": ("import p.pth.tar --config c.yaml -o o.safetensors", ("c.yaml",), {}),
    "config with code": (
        "import p.pth.tar --config c.yaml -o o.safetensors", ("c.yaml",), {"c.yaml": holds(TRAPS["yaml"]())},
    ),
    "config of other sizes": (
        "import p.pth.tar --config c.yaml -o o.safetensors", ("num_keypoints",),
        {"c.yaml": holds(b"model: {num_keypoints: 9}\n")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_wrong_words(animate: Animate, place: Path, name: str) -> None:
    line, says, files = LINES[name]
    ours()(place / "w.safetensors")
    published(lambda content: None)(place / "p.pth.tar")
    for file, make in files.items():
        make(place / file)
    before = contents(place)
    outcome = animate("weights", *line.split())
    assert outcome.stderr.count("error: ") == 1
    require_one_error(outcome._replace(stdout=""), 1, says)
    assert contents(place) == before


def test_a_domain_that_does_not_exist_is_wrong_usage(animate: Animate, place: Path) -> None:
    outcome = animate("weights", "import", "w.pth.tar", "--domain", "plant", "-o", "o.safetensors")
    require_one_error(outcome, 2, ("--domain", "face"))


def test_a_report_goes_into_a_pipe(animate: Animate, place: Path) -> None:
    os.mkfifo("pipe")
    reading = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert animate("weights", "list", "--json", "pipe").code == 0
        assert os.read(reading, 1) == b"{"
    finally:
        os.close(reading)

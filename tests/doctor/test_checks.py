"""The doctor's findings about planted faults."""

import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch

from animate_cli import catalogue
from animate_cli.config import ModelConfig
from animate_cli.doctor import (
    CHECKS,
    Check,
    Finding,
    compute,
    examine,
    folders,
    models,
    ok,
    problem,
    software,
    trial,
    video,
    works,
)
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import WeightsInfo, save_weights
from tests.tiny import tiny_config

SCRIPT = "#!{python}\nimport sys\n{body}\n"


def statuses(findings: Iterable[Finding]) -> list[str]:
    return [finding.status for finding in findings]


def write_program(path: Path, body: str) -> Path:
    path.write_text(SCRIPT.format(python=sys.executable, body=body))
    path.chmod(0o755)
    return path


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that takes the place of the package's own weights."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "BUNDLED_FOLDERS", (folder,))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "cache"))
    return folder


def test_one_check_that_breaks_leaves_the_others_alone() -> None:
    def breaks() -> list[Finding]:
        raise OSError("the disk\nis on fire")

    found = list(examine([Check("a", breaks), Check("b", lambda: [ok("b", "fine")])]))
    assert statuses(found) == ["note", "ok"]
    assert found[0].text == "cannot be looked at: OSError: the disk is on fire"
    assert works(found)


def test_what_needs_a_broken_thing_is_not_tried() -> None:
    tried = []
    found = list(
        examine(
            [
                Check("torch", lambda: [problem("torch", "broken", "mend it")]),
                Check("device", lambda: tried.append(1) or [], ("torch",)),  # type: ignore[func-returns-value]
            ]
        )
    )
    assert statuses(found) == ["problem", "note"]
    assert found[1].text == "not looked at, for the problem with torch"
    assert not tried
    assert not works(found)


def test_every_need_is_a_check_before() -> None:
    for index, check in enumerate(CHECKS):
        assert set(check.needs) <= {earlier.subject for earlier in CHECKS[:index]}


def test_torch_that_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch.so: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (found,) = compute.check_torch()
    assert found.status == "problem"
    assert "libtorch.so: cannot open shared object file" in found.text
    assert "pip install" in found.advice


def test_torch_for_another_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (found,) = compute.check_torch()
    assert found.status == "problem"
    assert "SIGILL" in found.text


def test_device_says_what_auto_chooses() -> None:
    found = next(iter(compute.check_device()))
    assert found.status == "ok"
    assert found.facts["auto"]["device"] in {"cpu", "cuda", "mps"}
    assert "cpu" in found.facts["devices"]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(software.NEEDED, "no-such-library", "no_such_library")
    monkeypatch.setitem(software.BESIDE, "nor-this-one", "nor_this_one")
    found = {finding.text: finding.status for finding in software.check_packages()}
    assert found["no-such-library is not installed"] == "problem"
    assert found["nor-this-one is not installed"] == "note"


def test_ffmpeg_that_comes_along_is_well() -> None:
    assert statuses(video.check_ffmpeg()) == ["ok"]
    found = list(video.check_encoders())
    assert statuses(found) == ["ok"]
    assert {"libx264", "libvpx-vp9", "aac", "libopus", "gif", "prores_ks", "ffv1", "apng"} <= set(
        found[0].facts["encoders"]
    )


def test_ffmpeg_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(video.VARIABLE, str(tmp_path / "nowhere"))
    (found,) = video.check_ffmpeg()
    assert found.status == "problem"
    assert "No such file" in found.text
    assert video.VARIABLE in found.advice


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit(3)", "fails with code 3"),
        ("print('hello')", "is another program"),
        ("print('')", "is another program"),
    ],
)
def test_ffmpeg_that_is_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, says: str
) -> None:
    monkeypatch.setenv(video.VARIABLE, str(write_program(tmp_path / "ffmpeg", body)))
    (found,) = video.check_ffmpeg()
    assert found.status == "problem"
    assert says in found.text


def test_ffmpeg_that_may_not_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "ffmpeg", "").chmod(0o644)
    monkeypatch.setenv(video.VARIABLE, str(tmp_path / "ffmpeg"))
    (found,) = video.check_ffmpeg()
    assert (found.status, "Permission denied" in found.text) == ("problem", True)


def test_missing_encoders_are_named_with_their_purpose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = video.needed_encoders().keys() - {"libvpx-vp9", "libx264"}
    lines = "\n".join(f" V....D {name}      words about it" for name in there)
    monkeypatch.setenv(video.VARIABLE, str(write_program(tmp_path / "ffmpeg", f"print('''{lines}''')")))
    found = {finding.text: finding.status for finding in video.check_encoders()}
    assert found["libvpx-vp9 is missing, for pictures as vp9"] == "note"
    assert found["libx264 is missing, for pictures as h264"] == "problem"


def test_decoding_is_well() -> None:
    assert statuses(video.check_decoding()) == ["ok"]


def test_bundled_weights_that_are_missing(bundled: Path) -> None:
    (found,) = models.check_bundled()
    assert found.status == "problem"
    assert "toon-face.safetensors is missing" in found.text


def test_bundled_weights_that_are_damaged(bundled: Path) -> None:
    (bundled / "toon-face.safetensors").write_bytes(b"damaged")
    (found,) = models.check_bundled()
    assert found.status == "problem"
    assert "damaged or was changed" in found.text


def test_bundled_weights_as_published(bundled: Path) -> None:
    original = Path(__file__).parents[2] / "weights" / "toon-face.safetensors"
    shutil.copy(original, bundled)
    assert statuses(models.check_bundled()) == ["ok"]


def test_named_models_in_the_cache(bundled: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "vox-cpk.pth.tar").write_text("<!DOCTYPE html><html>Not found</html>")
    save(cache / "taichi.safetensors", tiny_config())
    found = {finding.text.split(":")[0]: finding for finding in models.check_named()}
    assert (found["vox"].status, "HTML page" in found["vox"].text) == ("note", True)
    assert found["taichi"].status == "ok"
    assert "vox-adv" in found["not here"].text
    assert str(cache) in found["not here"].advice


def save(path: Path, config: ModelConfig) -> None:
    save_weights(path, MotionModel(config), WeightsInfo(config))


def test_detectors_are_told_by_the_hash_in_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    found = list(models.check_detectors())
    assert statuses(found) == ["note"] * 3
    assert all(file.url in finding.advice for file, finding in zip(models.DETECTORS, found, strict=True))
    assert all(str(folder) in finding.advice for finding in found)
    (folder / "s3fd-619a316812.pth").write_text("half of it")
    assert "damaged" in next(iter(models.check_detectors())).text
    whole = folder / "net-2cf24dba.pth"  # the beginning of the hash of "hello"
    whole.write_text("hello")
    file = models.DetectorFile(whole.name, "https://example.org/net", "trying")
    assert models.check_detector(file, folder).status == "ok"


def test_cache_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "file" / "cache"))
    (found,) = folders.check_cache()
    assert found.status == "note"
    assert "cannot be written" in found.text
    assert "ANIMATE_WEIGHTS_DIR" in found.advice


def test_cache_folder_is_not_made_by_looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "new" / "cache"))
    (found,) = folders.check_cache()
    assert found.facts["path"] == str(tmp_path / "new" / "cache")
    assert list(tmp_path.iterdir()) == []


def test_little_room_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr(folders, "LITTLE", 1 << 62)
    assert [next(iter(check())).status for check in (folders.check_cache, folders.check_temporary)] == [
        "note",
        "note",
    ]


def test_temporary_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    (found,) = folders.check_temporary()
    (job,) = trial.check_main_job()
    assert (found.status, job.status) == ("note", "note")
    assert "TMPDIR" in found.advice
    assert "not tried" in job.text


def test_main_job_runs_on_tiny_weights(tmp_path: Path) -> None:
    save(tmp_path / "tiny.safetensors", tiny_config())
    found = trial.try_main_job(tmp_path, tmp_path / "tiny.safetensors")
    assert found.status == "ok"
    assert "8 frames of 64x64" in found.text
    assert (tmp_path / "result.mp4").exists()


def test_main_job_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "tiny.safetensors", tiny_config())
    monkeypatch.setenv(video.VARIABLE, str(tmp_path / "nowhere"))
    found = trial.try_main_job(tmp_path, tmp_path / "tiny.safetensors")
    assert found.status == "problem"
    assert "ffmpeg cannot be started" in found.text
    assert trial.try_main_job(tmp_path, tmp_path / "gone.safetensors").status == "problem"

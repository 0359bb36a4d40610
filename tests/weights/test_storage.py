"""Our format: a round trip, storage in half precision, whole files only, and files that do not fit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from animate_cli.catalogue import MODELS, find_file
from animate_cli.errors import WeightsError
from animate_cli.weights import Framing, Precision, WeightsInfo, load_model, save_weights
from tests.tiny import pictures, tiny_config, tiny_model

INFO = WeightsInfo(
    config=tiny_config(),
    domain="face",
    style="toon",
    framing=Framing(0.6, 0.5, 0.45),
    keypoint_names=("nose", "chin", "left eye", "右眼"),
    licence="MIT",
    training={"steps": 100, "figures": {"l1": 0.05}},
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_weights(path, tiny_model(), INFO)
    return path


def metadata_of(path: Path) -> dict[str, str]:
    with safe_open(path, framework="pt") as file:
        return dict(file.metadata())


def rewrite(path: Path, **changed: str | None) -> None:
    metadata = {key: value for key, value in (metadata_of(path) | changed).items() if value is not None}
    save_file(load_file(path), path, metadata)


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@torch.inference_mode()
def test_a_round_trip_gives_equal_pictures_and_facts(saved: Path) -> None:
    loaded = load_model(saved)
    assert loaded.info == INFO
    assert not loaded.model.training
    ours, theirs = (
        tiny_model()(pictures(1), pictures(1, seed=1)),
        loaded.model(pictures(1), pictures(1, seed=1)),
    )
    assert torch.equal(ours[0].image, theirs[0].image)


def test_what_only_published_checkpoints_need(saved: Path) -> None:
    assert load_model(saved, domain="any").info == replace(INFO, domain="any")
    with pytest.raises(WeightsError, match=r"tiny\.safetensors: weights of animate carry their own config"):
        load_model(saved, config="vox-256")


def test_metadata_is_json_and_leaves_out_what_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_weights(path, tiny_model(), WeightsInfo(config=tiny_config()))
    content = {key: json.loads(value) for key, value in metadata_of(path).items()}
    assert content["format"] == "animate/1"
    assert content["config"]["motion"]["attention"] == "max"
    assert content.keys() == {"format", "config", "domain", "style", "licence", "training"}


@pytest.mark.parametrize(("precision", "tolerance"), [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_half_precision_storage(saved: Path, precision: Precision, tolerance: float) -> None:
    half = saved.with_name("half.safetensors")
    save_weights(half, tiny_model(), INFO, precision=precision)
    whole, stored = load_model(saved).model.state_dict(), load_model(half).model.state_dict()
    assert half.stat().st_size < 0.7 * saved.stat().st_size
    assert all(tensor.dtype in {torch.float32, torch.int64} for tensor in stored.values())
    assert all(torch.allclose(stored[name], whole[name], rtol=tolerance, atol=1e-5) for name in whole)
    assert all(torch.equal(stored[name], whole[name]) for name in whole if whole[name].ndim < 2)


def test_values_too_large_for_float16_are_told(tmp_path: Path) -> None:
    model = tiny_model()
    with torch.no_grad():
        model.generator.final.weight[0, 0, 0, 0] = 1e6
    with pytest.raises(WeightsError, match=r"generator\.final\.weight does not fit into float16"):
        save_weights(tmp_path / "w.safetensors", model, INFO, precision="float16")


def test_a_failed_save_leaves_the_old_file(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(state: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half a file")
        raise OSError(28, "No space left on device")

    before = saved.read_bytes()
    monkeypatch.setattr("animate_cli.weights.storage.save_file", fail)
    with pytest.raises(WeightsError, match=r"cannot be written \(the disk is full"):
        save_weights(saved, tiny_model(seed=1), INFO)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_saving_into_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be written"):
        save_weights(tmp_path / "missing" / "w.safetensors", tiny_model(), INFO)


def test_facts_must_describe_the_model(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="another config"):
        save_weights(tmp_path / "w.safetensors", tiny_model("fomm"), INFO)
    with pytest.raises(WeightsError, match="plain text"):
        save_weights(tmp_path / "w.safetensors", tiny_model(), replace(INFO, training={"a": object()}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", '"animate/2"', "'format' must be animate/1, not 'animate/2'"),
        ("format", None, "a safetensors file, but not one of animate"),
        ("style", None, "'style' is missing"),
        ("colour", '"red"', "unknown metadata key 'colour'"),
        ("domain", '"plant"', "'domain' must be one of any, face, body, animal, not 'plant'"),
        ("style", "[]", "'style' must be one of photo, toon"),
        ("framing", '{"share": 2, "x": 0, "y": 0}', "'framing' must be share, x and y between 0 and 1"),
        ("framing", '{"share": 0.5}', "'framing' must be share, x and y between 0 and 1"),
        ("keypoint_names", '["nose"]', "'keypoint_names' must be a list of 4 texts"),
        ("licence", "3", "'licence' must be a text"),
        ("training", "[]", "'training' must be a mapping"),
        ("domain", "null", "'domain' must be one of"),
        ("config", "null", "config: "),
        ("config", "{", "config: "),
        ("config", '{"a\\u0007b": 3}', "config: unknown key a�b"),
        ("config", '{"depth": 3}', "config: "),
        ("config", '{"num_keypoints": 4, "size": [100, 100]}', "the next size is 128x128"),
    ],
)
def test_wrong_metadata_is_told(saved: Path, key: str, value: str | None, message: str) -> None:
    rewrite(saved, **{key: value})
    assert message in refusal(saved)


def test_bare_words_in_metadata_are_read(saved: Path) -> None:
    rewrite(saved, format="animate/1", domain="face", style="toon", licence="MIT")
    assert load_model(saved).info == INFO


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("generator.final.bias"), "tensor generator.final.bias is missing"),
        (lambda state: state.update(extra=torch.zeros(1)), "tensor extra has no place"),
        (
            lambda state: state.update({"generator.final.bias": torch.zeros(4)}),
            "tensor generator.final.bias is 4, but must be 3",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(saved: Path, change: Any, message: str) -> None:
    state, metadata = load_file(saved), metadata_of(saved)
    change(state)
    save_file(state, saved, metadata)
    assert message in refusal(saved)


def test_weights_of_other_sizes_are_told(saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_weights(other, tiny_model("fomm"), WeightsInfo(config=tiny_config("fomm")))
    rewrite(saved, config=metadata_of(other)["config"])
    assert "tensor" in refusal(saved)


def test_the_hash_is_the_files(saved: Path) -> None:
    assert load_model(saved).sha256 == load_model(saved).sha256
    assert len(load_model(saved).sha256) == 64


def test_bundled_weights_load() -> None:
    bundled = [entry for entry in MODELS if entry.bundled]
    assert bundled
    for entry in bundled:
        if find_file(entry) is not None:
            assert load_model(entry.name).info.domain == entry.domain

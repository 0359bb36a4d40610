"""Named models: where their files are looked for, and what is said when there are none."""

import hashlib
from pathlib import Path

import pytest

from animate_cli import catalogue
from animate_cli.catalogue import (
    DEFAULT_MODEL,
    MODELS,
    NotHereError,
    cache_folder,
    entry_of_file,
    find_entry,
    find_weights,
    list_models,
    list_sources,
)
from animate_cli.errors import WeightsError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(folder))
    monkeypatch.setattr(catalogue, "BUNDLED_FOLDERS", (tmp_path / "wheel", tmp_path / "checkout"))
    return folder


def put(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path


def test_names_are_unique_and_the_default_is_bundled() -> None:
    assert len({entry.name for entry in MODELS}) == len(MODELS)
    assert next(entry for entry in MODELS if entry.name == DEFAULT_MODEL).bundled
    published = {"vox", "vox-adv", "taichi", "taichi-adv", "mgif", "fashion", "bair", "nemo"}
    assert {entry.name for entry in MODELS if not entry.bundled} == published


def test_bundled_weights_are_looked_for_in_the_package_then_in_the_checkout(
    cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=r"toon-face\.safetensors is missing from this installation"):
        find_weights("toon-face")
    in_checkout = put(tmp_path / "checkout" / "toon-face.safetensors")
    assert find_weights("toon-face") == in_checkout
    in_wheel = put(tmp_path / "wheel" / "toon-face.safetensors")
    assert find_weights("toon-face") == in_wheel


def test_published_weights_are_looked_for_in_the_cache(cache: Path) -> None:
    with pytest.raises(NotHereError) as caught:
        find_weights("vox")
    assert caught.value.entry.name == "vox"
    assert "`animate weights get vox` downloads it (729 MB)" in str(caught.value)
    assert str(cache) in str(caught.value)
    published = put(cache / "vox-cpk.pth.tar")
    assert find_weights("vox") == published
    ours = put(cache / "vox.safetensors")
    assert find_weights("vox") == ours


def test_the_list_says_what_is_here(cache: Path) -> None:
    put(cache / "fashion.pth.tar")
    here = {listing.entry.name: listing.path for listing in list_models()}
    assert here.keys() == {entry.name for entry in MODELS}
    assert [name for name, path in here.items() if path] == ["fashion"]


def test_unknown_names(cache: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"voks: no such model or file; did you mean vox\? \(models: toon-face"
    ):
        find_weights("voks")
    with pytest.raises(WeightsError, match=r"zzz: no such model or file \(models: "):
        find_weights("zzz")
    with pytest.raises(WeightsError, match="no such file; named models are"):
        find_weights("folder/zzz")


def test_a_model_by_its_name() -> None:
    assert find_entry("vox").file == "vox-cpk.pth.tar"
    with pytest.raises(WeightsError, match=r"voks: no such model; did you mean vox\? \(models: .*nemo\)$"):
        find_entry("voks")


def test_a_mirror_comes_before_the_file_s_own_address() -> None:
    vox = find_entry("vox")
    assert list_sources(vox, {}) == vox.sources
    mirrored = list_sources(vox, {"ANIMATE_WEIGHTS_MIRROR": "https://mirror.example/fomm/"})
    assert mirrored == ("https://mirror.example/fomm/vox-cpk.pth.tar", *vox.sources)


def test_a_file_in_the_way_of_a_name(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "vox")
    put(tmp_path / "mine")
    with pytest.raises(WeightsError, match="vox: not here yet"):
        find_weights("vox")
    assert find_weights("./vox") == Path("vox")
    assert find_weights("mine") == Path("mine")


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder({"ANIMATE_WEIGHTS_DIR": "/a/b", "XDG_CACHE_HOME": "/c"}) == Path("/a/b")
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/animate")
    assert cache_folder({}) == Path.home() / ".cache" / "animate"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder({}) == Path.home() / "Library" / "Caches" / "animate"
    monkeypatch.setattr("sys.platform", "win32")
    assert cache_folder({"LOCALAPPDATA": "/l"}) == Path("/l/animate/Cache")


def test_files_called_like_a_named_model() -> None:
    entry = entry_of_file(Path("/x/mgif-cpk.pth.tar"))
    assert entry is not None
    assert entry.name == "mgif"
    assert entry_of_file(Path("/x/vox.safetensors")) is not None
    assert entry_of_file(Path("/x/checkpoint.pth.tar")) is None


def test_bundled_weights_are_those_of_the_table() -> None:
    for entry in MODELS:
        if entry.bundled:
            content = (Path(__file__).parents[2] / "weights" / entry.file).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (entry.size, entry.sha256)
            assert entry.size is not None
            assert entry.size <= 16_000_000

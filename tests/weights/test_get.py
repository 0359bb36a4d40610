"""Getting a published model: from a server or a file that is here to our format, and only what is trusted."""

import hashlib
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from animate_cli.catalogue import ModelEntry, find_entry
from animate_cli.download import Patience
from animate_cli.errors import DownloadError, WeightsError
from animate_cli.weights import Approve, Doubt, GetOptions, get_model, load_model, storage
from animate_cli.weights.trust import UntrustedError
from tests.download.site import Served, Site, answer, redirect
from tests.download.test_transfer import Heard
from tests.weights.published_layout import Sizes, make_checkpoint, write_checkpoint

QUICK = GetOptions(patience=Patience(timeout=5, tries=2, pause=0))
FILE, PATH = "taichi-cpk.pth.tar", "/taichi-cpk.pth.tar"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder, which is not there yet."""
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "new" / "cache"))
    return tmp_path / "new" / "cache"


def make_bytes(folder: Path, seed: int) -> bytes:
    path = write_checkpoint(folder / f"{seed}.pth.tar", make_checkpoint(Sizes(), seed=seed))
    return path.read_bytes()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_bytes(tmp_path_factory.mktemp("published"), 0)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_bytes(tmp_path_factory.mktemp("other"), 1)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def entry(site: Site, content: bytes) -> ModelEntry:
    """A model on the site, of a known hash."""
    site.pages[PATH] = Served(content)
    return replace(find_entry("taichi"), sources=(site.url(PATH),), sha256=digest(content))


@pytest.fixture
def unknown(entry: ModelEntry) -> ModelEntry:
    return replace(entry, sha256=None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def get(entry: ModelEntry, options: GetOptions = QUICK, approve: Approve | None = None) -> Path | None:
    return get_model(entry, options, Heard(), approve)


def accept(_: Doubt) -> bool:
    return True


def refuse(_: Doubt) -> bool:
    return False


def never(doubt: Doubt) -> bool:
    pytest.fail(f"asked about {doubt}")


def fail(entry: ModelEntry, options: GetOptions = QUICK, approve: Approve | None = None) -> str:
    with pytest.raises(WeightsError) as caught:
        get(entry, options, approve)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_is_downloaded_and_imported(entry: ModelEntry, cache: Path, tmp_path: Path) -> None:
    path = get(entry, approve=never)
    assert path == cache / "taichi.safetensors"
    assert names(cache) == ["taichi.safetensors"]
    info = load_model(path).info
    assert (info.domain, info.style, info.licence) == ("body", "photo", entry.licence)
    assert info.training == {"imported_from": FILE, "epoch": 99, "data": entry.trained_on}


def test_the_imported_model_is_the_published_one(entry: ModelEntry, cache: Path, content: bytes) -> None:
    path = get(entry, replace(QUICK, keep=True))
    assert path is not None
    assert names(cache) == [FILE, "taichi.safetensors"]
    assert (cache / FILE).read_bytes() == content
    ours, published = load_model(path), load_model(cache / FILE)
    pairs = zip(ours.model.state_dict().values(), published.model.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_half(entry: ModelEntry, cache: Path) -> None:
    whole = get(entry)
    assert whole is not None
    size = whole.stat().st_size
    half = get(entry, replace(QUICK, half=True, force=True))
    assert half == whole
    assert half.stat().st_size < 0.7 * size
    assert load_model(half).info.domain == "body"


def test_what_is_here_is_not_got_again(entry: ModelEntry, cache: Path, site: Site) -> None:
    get(entry)
    assert get(entry) is None
    assert len(site.asked) == 1
    assert get(entry, replace(QUICK, force=True)) == cache / "taichi.safetensors"
    assert len(site.asked) == 2


def test_a_published_file_that_is_here_is_taken(
    entry: ModelEntry, cache: Path, site: Site, content: bytes
) -> None:
    cache.mkdir(parents=True)
    (cache / FILE).write_bytes(content)
    assert get(entry, approve=never) == cache / "taichi.safetensors"
    assert site.asked == []
    assert names(cache) == [FILE, "taichi.safetensors"], "the user's own file stays"


def test_a_published_file_that_is_here_is_checked(
    entry: ModelEntry, cache: Path, content: bytes, other: bytes
) -> None:
    cache.mkdir(parents=True)
    (cache / FILE).write_bytes(other)
    assert f"its SHA-256 is {digest(other)}, not {digest(content)}; --trust accepts it" in fail(entry)
    assert names(cache) == [FILE]
    (cache / FILE).write_bytes(other[:-1000])
    assert "truncated" in fail(entry, approve=never)
    assert names(cache) == [FILE]


def test_a_cut_download_goes_on(entry: ModelEntry, cache: Path, site: Site, content: bytes) -> None:
    site.pages[PATH] = Served(content, cuts=[20_000])
    once = replace(QUICK, patience=Patience(tries=1))
    assert fail(entry, once).endswith("the 20 kB that came are kept for the next try")
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]
    get(entry)
    assert site.ranges == [None, "bytes=20000-"]
    assert names(cache) == ["taichi.safetensors"]


def test_pieces_that_make_the_wrong_file_are_begun_again(
    entry: ModelEntry, cache: Path, site: Site, content: bytes, other: bytes
) -> None:
    """A server that gives no marks may change a file of the same size; the hash tells."""
    assert len(content) == len(other)
    site.pages[PATH] = Served(other, etag=None, cuts=[len(other) - 2000])
    fail(entry, replace(QUICK, patience=Patience(tries=1)))
    site.pages[PATH] = Served(content, etag=None)
    assert get(entry, approve=never) is not None
    assert site.ranges[1:] == [f"bytes={len(other) - 2000}-", None]


def test_an_unknown_hash_needs_a_yes(unknown: ModelEntry, cache: Path, site: Site, content: bytes) -> None:
    said = fail(unknown)
    assert said == (
        f"{FILE} has the SHA-256 {digest(content)}, and nothing is known to compare it with; --trust accepts it"
    )
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]
    assert get(unknown, approve=accept) is not None
    assert len(site.asked) == 1, "what was downloaded has been kept for the answer"
    assert names(cache) == [f"{FILE}.sha256", "taichi.safetensors"]
    assert (cache / f"{FILE}.sha256").read_text() == f"{digest(content)}  {FILE}\n"


def test_a_no_removes_the_file(unknown: ModelEntry, cache: Path) -> None:
    assert fail(unknown, approve=refuse).endswith("it was not accepted")
    assert names(cache) == []


def test_an_accepted_file_is_not_asked_about_again_and_must_stay_the_same(
    unknown: ModelEntry, cache: Path, site: Site, content: bytes, other: bytes
) -> None:
    get(unknown, approve=accept)
    again = replace(QUICK, force=True)
    assert get(unknown, again, never) is not None
    before = (cache / "taichi.safetensors").read_bytes()
    site.pages[PATH] = Served(other, etag='"two"')
    said = fail(unknown, again, accept)
    assert f"{FILE} has changed: its SHA-256 is {digest(other)}, but {digest(content)} was accepted" in said
    assert f"remove {cache / FILE}.sha256 and get it again" in said
    assert names(cache) == [f"{FILE}.sha256", "taichi.safetensors"]
    assert (cache / "taichi.safetensors").read_bytes() == before
    (cache / f"{FILE}.sha256").unlink()
    assert get(unknown, again, accept) is not None


def test_a_damaged_record_is_named(unknown: ModelEntry, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / f"{FILE}.sha256").write_bytes(b"\xff nothing")
    assert f"{cache / FILE}.sha256: holds no SHA-256; remove it" in fail(unknown)


def test_a_known_hash_that_differs(
    entry: ModelEntry, cache: Path, site: Site, content: bytes, other: bytes
) -> None:
    site.pages[PATH] = Served(other)
    said = fail(entry)
    assert said == (
        f"{FILE} is not the file that was published: its SHA-256 is {digest(other)}, not {digest(content)}; "
        "--trust accepts it"
    )
    assert names(cache) == []
    assert fail(entry, approve=refuse).endswith("it was not accepted")
    assert names(cache) == []
    assert get(entry, approve=accept) is not None
    assert names(cache) == [f"{FILE}.sha256", "taichi.safetensors"]
    site.pages[PATH] = Served(content, etag='"two"')
    assert get(entry, replace(QUICK, force=True), never) is not None, "the published file is always right"


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 728766725\n"
WRONG = {
    "page": (b"<!DOCTYPE html><html>Not found</html>", "an HTML page"),
    "pointer": (LFS, "a Git LFS pointer"),
    "nothing": (b"", "an empty file"),
    "archive": (b"\x1f\x8b\x08\x00" + bytes(100), "a gzip archive"),
    "text": (b"Rate limit exceeded", "a text file (Rate limit exceeded)"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_other_content_is_named(unknown: ModelEntry, cache: Path, site: Site, kind: str) -> None:
    content, says = WRONG[kind]
    site.pages[PATH] = Served(content)
    said = fail(unknown, approve=never)
    assert said.startswith(f"{site.url(PATH)}: the server sent {says}")
    assert names(cache) == []


def test_a_body_without_length_that_was_cut(unknown: ModelEntry, cache: Path, site: Site) -> None:
    content = site.pages[PATH].content[:-5000]  # type: ignore[attr-defined]
    site.pages[PATH] = Served(content, says_length=False)
    assert "the server sent a truncated" in fail(unknown, approve=never)
    assert names(cache) == []


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_pickle_with_code_is_refused(unknown: ModelEntry, cache: Path, site: Site, tmp_path: Path) -> None:
    torch.save({"generator": Touch(tmp_path / "ran")}, tmp_path / "code.pth.tar")
    site.pages[PATH] = Served((tmp_path / "code.pth.tar").read_bytes())
    assert "the server sent a pickle that asks to run" in fail(unknown, approve=never)
    assert names(cache) == []
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_that_fits_no_model(
    unknown: ModelEntry, cache: Path, site: Site, tmp_path: Path
) -> None:
    checkpoint = make_checkpoint(Sizes())
    del checkpoint["generator"]["final.bias"]
    site.pages[PATH] = Served(write_checkpoint(tmp_path / "a.pth.tar", checkpoint).read_bytes())
    said = fail(unknown, approve=never)
    assert "the server sent a published checkpoint" in said
    assert "it cannot be used: " in said
    assert names(cache) == []


def test_sources_are_tried_in_order(
    entry: ModelEntry, cache: Path, site: Site, monkeypatch: pytest.MonkeyPatch, other: bytes
) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_MIRROR", site.url("/mirror/"))
    site.pages |= {"/first": answer(404), f"/mirror{PATH}": Served(other)}
    heard = Heard()
    assert get_model(entry, replace(QUICK, sources=(site.url("/first"),)), heard) is not None
    assert [path for path, _ in site.asked] == ["/first", f"/mirror{PATH}", PATH]
    assert heard.notes[0] == (
        f"{site.url('/first')}: the server answered 404 Not Found; trying {site.url(f'/mirror{PATH}')}"
    )
    assert "is not the file that was published" in heard.notes[1]


def test_no_source_gives_it(entry: ModelEntry, cache: Path, site: Site) -> None:
    del site.pages[PATH]
    site.pages["/loop"] = redirect("/loop")
    said = fail(entry, replace(QUICK, sources=(site.url("/loop"),)))
    assert said == (
        f"{site.url('/loop')}: it redirects in a circle; {site.url(PATH)}: the server answered 404 Not Found; "
        "name another address with --source"
    )
    assert names(cache) == []


def test_no_network(entry: ModelEntry, cache: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = replace(entry, sources=(f"http://127.0.0.1:{closed.getsockname()[1]}{PATH}",))
        with pytest.raises(
            DownloadError, match="the connection was refused; name another address with --source"
        ):
            get(away)
    assert names(cache) == []


def test_an_import_that_fails_leaves_the_whole_file(
    entry: ModelEntry, cache: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "save_file", fill)
        assert "the disk is full" in fail(entry)
    assert names(cache) == [FILE]
    assert get(entry) is not None
    assert len(site.asked) == 1


def test_an_interrupt_leaves_the_piece(entry: ModelEntry, cache: Path, site: Site, content: bytes) -> None:
    site.pages[PATH] = Served(content, cuts=[20_000], stall=True)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get_model(entry, QUICK, Heard(on_advance=interrupt))
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]
    assert get(entry) is not None
    assert site.ranges[1] is not None


def test_two_at_once_download_once(entry: ModelEntry, cache: Path, site: Site, content: bytes) -> None:
    began, results, heard = threading.Event(), [], Heard()

    def slowly() -> None:
        began.set()
        waiting.wait(10)

    waiting = threading.Event()
    heard.note = lambda text: waiting.set()  # type: ignore[method-assign]
    first = threading.Thread(target=lambda: results.append(get_model(entry, QUICK, Heard(on_advance=slowly))))
    first.start()
    began.wait(10)
    results.append(get_model(entry, QUICK, heard))
    first.join()
    assert sorted(map(str, results)) == [str(cache / "taichi.safetensors"), "None"]
    assert len(site.asked) == 1


def test_a_cache_folder_that_cannot_be_made(
    entry: ModelEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "file"))
    assert "name another in ANIMATE_WEIGHTS_DIR" in fail(entry)


def test_who_is_not_trusted_can_be_told_apart(unknown: ModelEntry, cache: Path) -> None:
    with pytest.raises(UntrustedError) as caught:
        get(unknown)
    assert caught.value.unanswered
    assert not caught.value.doubt.is_contradicted

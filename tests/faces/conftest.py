"""What the tests of faces share: a cache with stand-in weights, and one without any."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")


@pytest.fixture(scope="session")
def stand_in_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A torch home with stand-in weights for face-alignment's detector."""
    from tests.faces.stand_in import write_stand_in

    home = tmp_path_factory.mktemp("torch")
    write_stand_in(home)
    return home


@pytest.fixture(scope="session")
def landmark_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A torch home with stand-in weights for both of face-alignment's networks."""
    from tests.faces.stand_in import write_landmark_stand_in, write_stand_in

    home = tmp_path_factory.mktemp("torch")
    write_stand_in(home)
    write_landmark_stand_in(home)
    return home


@pytest.fixture(scope="session")
def toon_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stand-in for the toons' landmark network."""
    from tests.faces.stand_in import write_toon_stand_in

    folder = tmp_path_factory.mktemp("toon")
    write_toon_stand_in(folder)
    return folder


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any detector's weights; returns the folder that weights go to."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

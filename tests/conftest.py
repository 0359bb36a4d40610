"""What the tests of several folders share."""

import os
from collections.abc import Iterator

import pytest
import torch

from animate_cli.machine import usable_cores
from tests.download.site import Site, open_site


def pytest_configure() -> None:
    """Share the cores out among the processes that test side by side, if they do."""
    if processes := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
        torch.set_num_threads(max(1, usable_cores() // int(processes)))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server of our own, reached without the proxy that the environment may name."""
    monkeypatch.setenv("no_proxy", "*")
    with open_site() as opened:
        yield opened

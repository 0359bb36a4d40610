"""What the tests of several folders share."""

from collections.abc import Iterator

import pytest

from tests.download.site import Site, open_site


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server of our own, reached without the proxy that the environment may name."""
    monkeypatch.setenv("no_proxy", "*")
    with open_site() as opened:
        yield opened

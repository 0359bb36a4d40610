"""Fetch files over HTTP: kept piece by piece beside their target, and taken up again after a cut."""

from animate_cli.download.connection import show_url
from animate_cli.download.partial import Partial
from animate_cli.download.transfer import Listener, Patience, fetch

__all__ = ["Listener", "Partial", "Patience", "fetch", "show_url"]

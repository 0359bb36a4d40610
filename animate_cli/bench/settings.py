"""What is to be measured. Light: the command line reads its defaults from here."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BenchSettings:
    """What is animated, how often, and how the engine computes.

    source, driving: files; without them a small clip is drawn. frames: of the driving that are used at most.
    rounds: how often each way is run.
    """

    source: Path | None = None
    driving: Path | None = None
    frames: int = 100
    rounds: int = 3
    device: str = "auto"
    precision: str = "auto"
    batch_size: int | None = None

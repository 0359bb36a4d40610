"""What is passed on of the jobs that a measurement runs."""

from dataclasses import dataclass

from animate_cli.pipeline.job import Listener


@dataclass(frozen=True)
class RunListener:
    """Passes on how far a run is, under its own label; what the job tells its user is left out."""

    listener: Listener
    label: str

    def note(self, text: str) -> None:
        """Leave a note out."""

    def warn(self, text: str) -> None:
        """Leave a warning out; it was passed on when the clip was looked at."""

    def begin(self, label: str, total: int | None) -> None:
        """Pass on the start of a stretch of work."""
        self.listener.begin(f"{self.label}: {label[:1].lower()}{label[1:]}", total)

    def advance(self) -> None:
        """Pass on a frame done."""
        self.listener.advance()

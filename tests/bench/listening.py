"""A listener that remembers."""


class Heard:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.stretches: list[str] = []
        self.frames = 0

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def begin(self, label: str, total: int | None) -> None:
        self.stretches.append(label)

    def advance(self) -> None:
        self.frames += 1

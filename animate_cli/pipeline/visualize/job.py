"""What is to be seen, and how. Light: the command line reads its defaults from here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from animate_cli.motion import MotionOptions
from animate_cli.pipeline.job import Cut, Fit, JobError

OVERLAYS = ("keypoints", "trails", "jacobians")
MAPS = ("heatmaps", "masks", "grid", "flow", "occlusion", "deformed", "prediction")
LAYERS = OVERLAYS + MAPS
ALL = "all"
DEFAULT_LAYERS = ("keypoints", "trails")
DEFAULT_PAIR_LAYERS = ("keypoints", "trails", "prediction")


@dataclass(frozen=True)
class VisualizeJob:
    """What `visualize-keypoints` is asked to do.

    inputs: pictures and clips; or source and driving, for the motion between them. layers: None for the usual ones.
    sheet: a contact sheet of many frames instead of one. frame: which frame a single picture shows, None for the
    worst. size: the shorter side of a panel in pixels.
    """

    out: Path
    inputs: tuple[Path, ...] = ()
    source: Path | None = None
    driving: Path | None = None
    layers: tuple[str, ...] | None = None
    sheet: bool = False
    frame: int | None = None
    mask: Path | None = None
    motion: MotionOptions = field(default_factory=MotionOptions)
    cut: Cut = field(default_factory=Cut)
    fit: Fit = "pad"
    size: int = 512
    overwrite: bool = False

    @property
    def is_pair(self) -> bool:
        """Whether the motion between a source and a driving is shown."""
        return self.driving is not None

    @property
    def clips(self) -> tuple[Path, ...]:
        """What is looked at frame by frame."""
        return (self.driving,) if self.driving is not None else self.inputs

    @property
    def shown(self) -> tuple[str, ...]:
        """The layers to draw, in their fixed order."""
        usual = DEFAULT_PAIR_LAYERS if self.is_pair else DEFAULT_LAYERS
        chosen = usual if self.layers is None else self.layers
        return tuple(layer for layer in LAYERS if layer in chosen)

    @property
    def is_folder(self) -> bool:
        """Whether the result is a folder."""
        return self.out.is_dir() or self.out.suffix == ""

    @property
    def is_still(self) -> bool:
        """Whether the result is one picture."""
        from animate_cli.media.formats import STILLS

        return self.sheet or (self.out.suffix.lower() in STILLS and not self.is_folder)


def without_masks(inputs: Iterable[Path]) -> tuple[Path, ...]:
    """Leave out NAME.mask.mp4 where NAME.mp4 is given too: `toons/*.mp4` means the clips."""
    given = tuple(inputs)
    masks = {path.with_suffix(".mask.mp4") for path in given}
    return tuple(path for path in given if path not in masks)


def parse_layers(text: str) -> tuple[str, ...]:
    """Turn names with commas between them into layers; ``all`` is all of them.

    Raises:
        JobError: there is no such layer.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in (*LAYERS, ALL):
            raise JobError(f"--layers: there is no layer {name!r}; there are {', '.join(LAYERS)}, and {ALL}")
    if not names:
        raise JobError(f"--layers needs at least one of {', '.join(LAYERS)}, or {ALL}")
    return LAYERS if ALL in names else tuple(names)


def check_options(job: VisualizeJob) -> None:
    """Make sure that the options can work together, without looking at any file.

    Raises:
        JobError: they cannot.
    """
    if (job.source is None) != (job.driving is None):
        raise JobError("--source and --driving go together: the motion between them is shown")
    if job.is_pair and job.inputs:
        raise JobError(f"give INPUT, or --source and --driving, not both (INPUT was {job.inputs[0]})")
    if not job.clips:
        raise JobError("give an INPUT, or --source and --driving")
    if job.cut.end is not None and job.cut.end <= job.cut.start:
        raise JobError(f"--start {float(job.cut.start):g} must come before --end {float(job.cut.end):g}")
    if job.frame is not None and (job.sheet or not job.is_still):
        raise JobError(
            "--frame chooses what a single picture shows; OUT must be a .png or .jpg, without --sheet"
        )
    if job.frame is not None and len(job.clips) > 1:
        raise JobError("--frame goes with one INPUT")
    if len(job.clips) > 1 and not job.is_still and not job.is_folder:
        raise JobError(
            f"{job.out}: {len(job.clips)} inputs need a folder for OUT, or a picture (.png) that shows them all"
        )

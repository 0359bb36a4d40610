"""The stages of a job, the threads that they are in, and how well those overlap. Plain numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

NETWORKS = ("keypoints", "motion", "generator")
PICTURES = "pictures"
"""Turning pictures into tensors and back, and keypoints into those that the source is moved to."""

STAGES = ("decode", *NETWORKS, PICTURES, "encode")
REST = "rest"
"""Opening files, and encoding the source."""

NETWORKS_THREAD = "the networks"
THREADS = {"decoding": ("decode",), NETWORKS_THREAD: (*NETWORKS, PICTURES), "encoding": ("encode",)}
"""The threads that overlap, and the stages that each goes through one after the other."""


@dataclass(frozen=True)
class Overlap:
    """The slowest thread, the seconds a frame that it is busy, and how many times as long the job takes."""

    slowest: str
    seconds: float
    ratio: float


def find_overlap(in_job: Mapping[str, float], alone: Mapping[str, float]) -> Overlap:
    """Compare the whole job with its slowest thread, by each stage's seconds a frame.

    The networks' thread counts as in the job, where the others take from it what they need of the cores. Of the
    others is only known what they take alone.
    """
    busy = {
        name: sum((in_job if name == NETWORKS_THREAD else alone)[stage] for stage in stages)
        for name, stages in THREADS.items()
    }
    slowest = max(busy, key=lambda name: busy[name])
    return Overlap(slowest, busy[slowest], sum(in_job.values()) / busy[slowest])

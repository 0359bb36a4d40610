"""A box in a picture, in pixels, end exclusive."""

import math
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Box:
    """A box in pixels; it may lie between pixels, and beyond the picture's edges."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, side: float) -> Self:
        """Return the square with this centre and side."""
        return cls(x - side / 2, y - side / 2, x + side / 2, y + side / 2)

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def side(self) -> float:
        """The longer of width and height."""
        return max(self.width, self.height)

    @property
    def area(self) -> float:
        """Pixels inside; 0 where nothing is."""
        return max(self.width, 0) * max(self.height, 0)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def pixels(self) -> tuple[int, int, int, int]:
        """The whole pixels that the box touches: left, top, right, bottom."""
        return math.floor(self.left), math.floor(self.top), math.ceil(self.right), math.ceil(self.bottom)

    def intersection(self, other: "Box") -> float:
        """Return the pixels that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)

    def iou(self, other: "Box") -> float:
        """Return the intersection over the union, in [0, 1]."""
        both = self.intersection(other)
        return both / (self.area + other.area - both) if both else 0.0

    def share_inside(self, other: "Box") -> float:
        """Return the share of this box that lies in the other, in [0, 1]."""
        return self.intersection(other) / self.area if self.area else 0.0

    def union(self, other: "Box") -> "Box":
        """Return the smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def expanded(self, margin: float) -> "Box":
        """Grow by a share of the width and height on every side."""
        x, y = margin * self.width, margin * self.height
        return Box(self.left - x, self.top - y, self.right + x, self.bottom + y)

    def squared(self) -> "Box":
        """Return the square of the longer side around the same centre."""
        return Box.around(*self.centre, self.side)

    def rounded(self) -> "Box":
        """Return the nearest box of whole pixels; a square stays one, and at least a pixel remains."""
        width, height = max(1, round(self.width)), max(1, round(self.height))
        x, y = self.centre
        left, top = round(x - width / 2), round(y - height / 2)
        return Box(left, top, left + width, top + height)

    def scaled(self, across: float, down: float) -> "Box":
        """Return the same place in a picture that is ``across`` times as wide and ``down`` times as high."""
        return Box(self.left * across, self.top * down, self.right * across, self.bottom * down)

    def __str__(self) -> str:
        left, top, width, height = (round(value) for value in (self.left, self.top, self.width, self.height))
        return f"{width}x{height} at {left},{top}"

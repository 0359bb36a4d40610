"""Draw what a model sees onto pictures: numpy in, numpy out.

Pictures are uint8 [H, W, 3] RGB. Places are pixels, (x, y), whole numbers in the middle of a pixel; edges are
smooth at the picture's own resolution. Every function draws on a copy.
"""

from animate_cli.overlay.boxes import draw_boxes
from animate_cli.overlay.lines import draw_jacobians, draw_links, draw_trails
from animate_cli.overlay.maps import draw_flow, draw_grid, draw_heatmaps, draw_map, draw_masks, enlarge
from animate_cli.overlay.palette import PALETTE, colour_of
from animate_cli.overlay.points import draw_points, draw_rings, mark_size, to_pixels
from animate_cli.overlay.sheet import caption, columns_for, tile
from animate_cli.overlay.values import Picture

__all__ = [
    "PALETTE",
    "Picture",
    "caption",
    "colour_of",
    "columns_for",
    "draw_boxes",
    "draw_flow",
    "draw_grid",
    "draw_heatmaps",
    "draw_jacobians",
    "draw_links",
    "draw_map",
    "draw_masks",
    "draw_points",
    "draw_rings",
    "draw_trails",
    "enlarge",
    "mark_size",
    "tile",
    "to_pixels",
]

"""Where the keypoints are to be, told to the decoder directly: an extra beyond the paper."""

from torch import Tensor, nn

from animate_cli.model.grid import gaussian_heatmaps

COARSE_VARIANCE = 0.0025
"""Of the Gaussians at the bottleneck; at 256 px, where a cell is 4 pixels, they reach over some 6 pixels."""


class KeypointHints(nn.Module):
    """Adds to features what a 3x3 convolution makes of Gaussians at the keypoints.

    The deformation is too coarse for what opens, closes or looks aside by a few pixels: lips, lids and pupils. It
    begins at nothing, so that weights trained without it go on as they were.
    """

    def __init__(self, num_keypoints: int, channels: int, scale: int) -> None:
        """Make hints for features of ``channels`` after ``scale`` doublings of the bottleneck's size."""
        super().__init__()
        self.variance = COARSE_VARIANCE / 4**scale
        self.conv = nn.Conv2d(num_keypoints, channels, 3, padding=1)
        for parameter in self.conv.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, places: Tensor) -> Tensor:
        """Add to features [B, C, H, W] what keypoints at places [B, K, 2] in [-1, 1] mean there."""
        height, width = x.shape[-2:]
        heatmaps = gaussian_heatmaps(places, height, width, self.variance)
        hinted: Tensor = x + self.conv(heatmaps.to(x.dtype))
        return hinted

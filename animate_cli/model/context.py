"""A look at the whole figure for whoever paints a part of it: an extra beyond the paper."""

from torch import Tensor, nn

from animate_cli.model.blocks import UNet

NUM_BLOCKS = 3
"""Halvings of the bottleneck's size; at 256 px it comes down to 8x8."""


class Context(nn.Module):
    """Adds to features what a U-Net makes of all of them.

    Residual blocks see some twenty pixels around each place; how hair goes on behind a head that turns, or the far
    half of a face, is told by what lies further off. It begins at nothing, so that weights trained without it go
    on as they were.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.unet = UNet(channels, max(1, channels // 3), 2 * channels, NUM_BLOCKS)
        self.conv = nn.Conv2d(self.unet.out_channels, channels, 1)
        for parameter in self.conv.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Add to features [B, C, H, W] what the whole says of them; sides are multiples of 8."""
        added: Tensor = x + self.conv(self.unet(x))
        return added

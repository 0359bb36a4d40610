"""What a mixture of affine motions cannot say, added to it: an extra beyond the paper."""

from torch import Tensor, nn

from animate_cli.model.blocks import ConvBlock


class MotionCorrection(nn.Module):
    """Estimates what is to be added to the deformation, from the features xi behind it.

    A head that turns, a mouth that opens or cloth that swings moves as no few affine motions do, however they are
    mixed. It begins at nothing, so that weights trained without it go on as they were.
    """

    def __init__(self, channels: int, hidden_channels: int) -> None:
        super().__init__()
        self.hidden = ConvBlock(channels, hidden_channels)
        self.conv = nn.Conv2d(hidden_channels, 2, 3, padding=1)
        for parameter in self.conv.parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: Tensor) -> Tensor:
        """Turn features [B, C, h, w] into offsets [B, h, w, 2] in float32, in the units of the deformation."""
        offsets: Tensor = self.conv(self.hidden(features))
        return offsets.float().permute(0, 2, 3, 1)

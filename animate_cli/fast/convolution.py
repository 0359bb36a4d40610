"""A convolution with what follows it: batch norm folded in, ReLU and sums fused where the machine can."""

from functools import cache
from threading import Lock

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

LAST = torch.channels_last
PACKING = Lock()
"""Held while a kernel is laid out anew; a model may be at work in several threads."""


@cache
def fuses(device_type: str) -> bool:
    """Tell whether convolutions there can be packed and fused: a CPU whose torch has oneDNN's fused ones."""
    known = all(
        hasattr(torch.ops.mkldnn, name)
        for name in (
            "_convolution_pointwise",
            "_convolution_pointwise_",
            "_convolution_transpose_pointwise",
            "_reorder_convolution_weight",
            "_reorder_convolution_transpose_weight",
        )
    )
    return device_type == "cpu" and known and bool(torch._C._has_mkldnn)


def folded(conv: nn.Conv2d, norm: nn.Module) -> nn.Conv2d:
    """Return the convolution that does what ``conv`` and batch norm ``norm`` do in evaluation mode."""
    return fuse_conv_bn_eval(conv, norm) if isinstance(norm, nn.BatchNorm2d) else conv


def padding_of(conv: nn.Conv2d) -> int:
    """Return the padding of a convolution, which is the same on every side of all of ours."""
    return int(conv.padding[0])


class Convolution(nn.Module):
    """A convolution, then ReLU if wanted: [B, C, H, W] to [B, C', H', W'], channels last.

    ``transposed`` makes it a transposed one, with a kernel [C, C', k, k].
    """

    bias: nn.Parameter

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        padding: int = 0,
        stride: int = 1,
        relu: bool = False,
        transposed: bool = False,
    ) -> None:
        super().__init__()
        outputs = weight.shape[1 if transposed else 0]
        self.weight: Tensor | None = nn.Parameter(weight.detach().contiguous(memory_format=LAST))
        self.bias = nn.Parameter(torch.zeros(outputs) if bias is None else bias.detach().clone())
        self.padding, self.stride = [padding, padding], [stride, stride]
        self.relu, self.transposed = relu, transposed
        self._packed: Tensor | None = None

    @classmethod
    def of(cls, conv: nn.Conv2d, norm: nn.Module | None = None, *, relu: bool = False) -> "Convolution":
        """Make one of a plain convolution and the batch norm behind it."""
        conv = conv if norm is None else folded(conv, norm)
        return cls(conv.weight, conv.bias, padding=padding_of(conv), stride=conv.stride[0], relu=relu)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the convolution."""
        if not fuses(x.device.type):
            return self._plain(x)
        return self._fused(x)

    def add_to(self, total: Tensor, x: Tensor) -> Tensor:
        """Add the convolution of x to ``total`` of the same shape, in place, and return it."""
        if self.transposed or self.relu or not fuses(x.device.type):
            return total.add_(self(x))
        added: Tensor = torch.ops.mkldnn._convolution_pointwise_.binary(
            total, x, self._pack(x), self.bias, self.padding, self.stride, [1, 1], 1,
            "add", 1.0, None, [], "",
        )  # fmt: skip
        return added

    def _plain(self, x: Tensor) -> Tensor:
        convolve = F.conv_transpose2d if self.transposed else F.conv2d
        assert self.weight is not None  # noqa: S101  (only fused ones let it go)
        y = convolve(x, self.weight, self.bias, stride=self.stride, padding=self.padding)
        return y.relu_() if self.relu else y

    def _fused(self, x: Tensor) -> Tensor:
        packed, then = self._pack(x), "relu" if self.relu else "none"
        if self.transposed:
            y: Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(
                x, packed, self.bias, self.padding, [0, 0], self.stride, [1, 1], 1, then, [], ""
            )
        else:
            y = torch.ops.mkldnn._convolution_pointwise(
                x, packed, self.bias, self.padding, self.stride, [1, 1], 1, then, [], ""
            )
        return y

    def _pack(self, x: Tensor) -> Tensor:
        """Lay the kernel out as oneDNN wants it for pictures like x, once."""
        if self._packed is None:
            with PACKING:
                self._pack_once(x)
        assert self._packed is not None  # noqa: S101
        return self._packed

    def _pack_once(self, x: Tensor) -> None:
        if self.weight is not None:  # no other thread was quicker
            self._packed = _packed(self.weight, x, self.padding, self.stride, transposed=self.transposed)
            self.weight = None


def _packed(weight: Tensor, x: Tensor, padding: list[int], stride: list[int], *, transposed: bool) -> Tensor:
    shape = list(x.shape)
    if transposed:
        laid: Tensor = torch.ops.mkldnn._reorder_convolution_transpose_weight(
            weight, padding, [0, 0], stride, [1, 1], 1, shape
        )
    else:
        laid = torch.ops.mkldnn._reorder_convolution_weight(weight, padding, stride, [1, 1], 1, shape)
    return laid

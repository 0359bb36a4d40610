"""Batch norm whose statistics are those of the whole batch, though several processes have a share of it each."""

from typing import TypeVar

import torch
from torch import Tensor, nn

from animate_cli.training.processes import Processes, mean_of_all

Network = TypeVar("Network", bound=nn.Module)


class SharedBatchNorm(nn.BatchNorm2d):
    """`nn.SyncBatchNorm` for devices that lack it; the shares must be of one size."""

    def __init__(self, norm: nn.BatchNorm2d, processes: Processes) -> None:
        """Take the place of ``norm``, with its very parameters and statistics."""
        super().__init__(norm.num_features, norm.eps, norm.momentum)
        self.processes = processes
        self.load_state_dict(norm.state_dict(keep_vars=True), assign=True)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x [B, C, H, W]."""
        if not self.training:
            return super().forward(x)
        wide = x.float()
        mean = self._mean(wide)
        centred = wide - mean[:, None, None]
        variance = self._mean(centred.square())
        self._follow(mean.detach(), variance.detach(), self.processes.count * x.numel() // x.shape[1])
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return torch.addcmul(self.bias[:, None, None], centred, scale[:, None, None]).to(x.dtype)

    def _mean(self, x: Tensor) -> Tensor:
        """Average x [B, C, H, W] over all but channels, and over processes: [C]."""
        return mean_of_all(x.mean((0, 2, 3)), self.processes)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, values: int) -> None:
        """Move the running statistics, whose variance is the unbiased one."""
        assert self.running_mean is not None  # noqa: S101
        assert self.running_var is not None  # noqa: S101
        assert self.num_batches_tracked is not None  # noqa: S101
        self.running_mean.lerp_(mean, self.momentum or 0.0)
        self.running_var.lerp_(variance * (values / max(1, values - 1)), self.momentum or 0.0)
        self.num_batches_tracked.add_(1)


def share_statistics(network: Network, processes: Processes) -> Network:
    """Make every batch norm of a network, in place, take its statistics over all processes."""
    if processes.count == 1:
        return network
    if next(network.parameters()).is_cuda:
        converted: Network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return converted
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, SharedBatchNorm(child, processes))
    return network

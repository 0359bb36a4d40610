"""Attention against direct formulas, on features small enough to follow."""

import pytest
import torch
from torch import Tensor, nn

from animate_cli.model.attention import ATTENTIONS, CBAM, MaxPoolAttention


def mlp_by_hand(pooled: Tensor, mlp: nn.Sequential) -> Tensor:
    first, second = mlp[0], mlp[2]
    assert isinstance(first, nn.Linear)
    assert isinstance(second, nn.Linear)
    hidden = (pooled @ first.weight.T + first.bias).clamp(min=0)
    product: Tensor = hidden @ second.weight.T + second.bias
    return product


def spatial_by_hand(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """Equation (9), a place at a time."""
    batch, channels, height, width = x.shape
    maps = torch.stack([x.sum(1) / channels, x.max(1).values], 1)
    padded = torch.zeros(batch, 2, height + 6, width + 6)
    padded[:, :, 3:-3, 3:-3] = maps
    assert conv.bias is not None
    weights = torch.empty(batch, 1, height, width)
    for i in range(height):
        for j in range(width):
            patch = padded[:, :, i : i + 7, j : j + 7]
            weights[:, 0, i, j] = (patch * conv.weight[0]).sum((1, 2, 3)) + conv.bias
    return x / (1 + torch.exp(-weights))


@pytest.fixture
def features() -> Tensor:
    return torch.randn(2, 32, 5, 4, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_max_pool_attention(features: Tensor) -> None:
    attention = MaxPoolAttention(32)
    gains = 1 / (1 + torch.exp(-2 * mlp_by_hand(features.flatten(2).max(2).values, attention.mlp)))
    expected = spatial_by_hand(gains[:, :, None, None] * features, attention.spatial.conv)
    assert torch.allclose(attention(features), expected, atol=1e-6)


@torch.no_grad()
def test_cbam(features: Tensor) -> None:
    attention = CBAM(32)
    flat = features.flatten(2)
    summed = mlp_by_hand(flat.mean(2), attention.mlp) + mlp_by_hand(flat.max(2).values, attention.mlp)
    expected = spatial_by_hand(features * torch.sigmoid(summed)[:, :, None, None], attention.spatial.conv)
    assert torch.allclose(attention(features), expected, atol=1e-6)


@torch.no_grad()
def test_zero_weights_quarter_the_features(features: Tensor) -> None:
    attention = MaxPoolAttention(32)
    for parameter in attention.parameters():
        parameter.zero_()
    assert torch.allclose(attention(features), features / 4)


@pytest.mark.parametrize("name", ATTENTIONS)
@pytest.mark.parametrize("channels", [3, 16, 50])
@torch.no_grad()
def test_every_attention_keeps_shape_and_sign(name: str, channels: int) -> None:
    x = torch.randn(2, channels, 8, 6)
    weighted = ATTENTIONS[name](channels)(x)
    assert weighted.shape == x.shape
    assert bool((weighted.sign() == x.sign()).all())
    assert bool((weighted.abs() <= x.abs()).all())


def test_no_attention_changes_nothing(features: Tensor) -> None:
    assert torch.equal(ATTENTIONS["none"](32)(features), features)


def test_hidden_channels_never_vanish() -> None:
    assert MaxPoolAttention(8).mlp[0].out_features == 1
    assert MaxPoolAttention(108).mlp[0].out_features == 6

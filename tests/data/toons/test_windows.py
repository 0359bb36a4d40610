"""Windows: where they lie, and that nothing of a toon is lost by drawing it in them."""

from typing import Any

import pytest
import torch

from animate_cli.data.toons import windows
from animate_cli.data.toons.bodies.figure import body_figure
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.figures.follow import trace, trace_few
from animate_cli.data.toons.trees import Packed, take
from animate_cli.data.toons.windows import MARGIN, Window


def toons(name: str, count: int) -> tuple[Any, Any]:
    generator, family = torch.Generator().manual_seed(3), FAMILIES[name]
    return family.random_identity(generator, count), family.random_pose_pairs(generator, count)[0]


def test_windows_hold_their_boxes_and_stay_inside() -> None:
    low = torch.tensor([[4.2, 6.0], [-30.0, 20.0], [50.0, 50.0]])
    window = Window(torch.tensor([2, 0, 1]), low, low + torch.tensor([9.0, 5.0]), (32, 40))
    assert (window.width, window.height) == (9 + 2 * MARGIN + 2, 5 + 2 * MARGIN + 1)
    assert window.corners[0].tolist() == [4 - MARGIN, 6 - MARGIN]
    assert window.corners[1].tolist() == [0, 20 - MARGIN]
    assert window.corners[2].tolist() == [40 - window.width, 32 - window.height]


def test_what_is_taken_is_put_back_where_it_was() -> None:
    pictures = torch.rand(3, 2, 12, 10)
    window = Window(
        torch.tensor([2, 0]), torch.tensor([[3.0, 4.0], [5.0, 5.0]]), torch.tensor([[4.0, 6.0]] * 2), (12, 10)
    )
    part = window.take(pictures)
    left, top = window.corners[0].tolist()
    assert torch.equal(part[0], pictures[2, :, top : top + window.height, left : left + window.width])
    assert torch.equal(window.take(pictures[:, 1]), part[:, 1])
    before = pictures.clone()
    window.put(pictures, part + 1)
    changed = pictures - before
    assert torch.equal(window.take(changed).round(), torch.ones_like(part))
    assert changed.sum().round() == part.numel()
    assert torch.equal(changed[1], torch.zeros_like(changed[1]))
    column, line = torch.arange(10.0).expand(3, 1, 10), torch.arange(12.0).view(1, 12, 1).expand(3, 12, 1)
    x, y = window.cross(column, line)
    assert x[0, 0, 0] == left
    assert y[0, :, 0].tolist() == list(range(top, top + window.height))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("size", [48, 96])
def test_windows_cut_nothing_off(name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    who, pose = toons(name, 48)
    drawn = FAMILIES[name].render(who, pose, size)
    monkeypatch.setattr(windows, "MARGIN", size)
    whole = FAMILIES[name].render(who, pose, size)
    for part, all_of_it in zip(drawn[:2], whole[:2], strict=True):
        torch.testing.assert_close(part, all_of_it, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_toon_is_the_same_whatever_is_drawn_with_it(name: str) -> None:
    who, pose = toons(name, 40)
    together = FAMILIES[name].render(who, pose, 64)
    for row in range(0, 40, 3):
        part = slice(row, row + 1)
        alone = FAMILIES[name].render(take(who, part), take(pose, part), 64)
        torch.testing.assert_close(alone.image[0], together.image[row], atol=5e-4, rtol=0)
        torch.testing.assert_close(alone.mask[0], together.mask[row], atol=5e-4, rtol=0)


def test_landmarks_are_looked_up_as_maps_are() -> None:
    who, pose = toons("toon-body", 12)
    figure, points = body_figure(who, pose), torch.rand(12, 30, 2) * 2 - 1
    few, many = trace_few(figure, points, 0.02), trace(figure, points[:, None], 0.02)
    assert torch.equal(few.part, many.part[:, 0])
    assert (few.part >= 0).any()
    torch.testing.assert_close(few.along, many.along[:, 0])
    torch.testing.assert_close(few.around, many.around[:, 0])


def test_packed_trees_give_the_rows_that_trees_give() -> None:
    who, _ = toons("toon-face", 5)
    rows = torch.tensor([3, 0, 3])
    mine, theirs = Packed(who).take(rows), take(who, rows)
    assert torch.equal(mine.colors.skin, theirs.colors.skin)
    assert torch.equal(mine.style.kind, theirs.style.kind)
    assert torch.equal(mine.background.noise, theirs.background.noise)
    assert torch.equal(mine.hair.bun, theirs.hair.bun)

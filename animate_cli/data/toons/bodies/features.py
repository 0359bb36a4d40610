"""What is painted on tubes of a person: the face, and the shirt's collar, belt and buttons."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity, Looks
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.figures.patch import Patch
from animate_cli.data.toons.shapes import bump, cover, ellipse
from animate_cli.data.toons.trees import take

HEAD_TOP, HEAD_STEP = -0.17, 0.15
"""Height of the head's first ball over its middle, and from ball to ball, in head heights."""


class Face:
    """Coordinates of a face in head heights: x to the subject's left, y down from the middle, [R, n, n]."""

    def __init__(self, who: BodyIdentity, pose: BodyPose, patch: Patch) -> None:
        self.patch = patch
        self.looks: Looks = Looks(*(values[patch.rows, None, None] for values in who.looks))
        self.colors = take(who.colors, patch.rows)
        self.blink, self.smile, self.opened, self.gaze_x, self.gaze_y = (
            values[patch.rows, None, None]
            for values in (pose.blink, pose.smile, pose.mouth_open, pose.gaze[:, 0], pose.gaze[:, 1])
        )
        width = who.build.face[patch.rows, None, None]
        self.x = torch.sin(patch.around) * width
        jaw = who.build.jaw[patch.rows, None, None]
        inner, above, below = patch.along.clamp(0, 3), patch.along.clamp_max(0), patch.along.clamp_min(3) - 3
        self.y = HEAD_TOP + HEAD_STEP * inner + 0.8 * width * (above + jaw * below)
        tubes = patch.tubes
        head = tubes.span / HEAD_STEP * tubes.radii.mean(1) / tubes.girth
        self.pixel = patch.pixel / head[:, None, None]
        self.front = (torch.cos(patch.around) * 8).clamp(0, 1)

    def tint(self, share: Tensor, color: Tensor) -> None:
        """Lay a colour on the front of the face."""
        self.patch.tint(share * self.front, color)


def paint_face(who: BodyIdentity, pose: BodyPose, patch: Patch) -> None:
    """Paint blush, beard, eyes, brows, mouth and glasses on heads."""
    face = Face(who, pose, patch)
    looks, x, y, pixel = face.looks, face.x, face.y, face.pixel
    side = x.abs()
    cheek = bump((side - looks.spacing * 1.35) ** 2 * 300 + (y - looks.y - 0.13) ** 2 * 420)
    face.tint(cheek * looks.blush, face.colors.flush)
    _paint_beard(face)
    _paint_eyes(face)
    brow_y = looks.y - looks.eye * looks.tall - 0.055 - 0.02 * face.smile
    arch = brow_y + (side - looks.spacing) ** 2 * 4 + 0.22 * (side - looks.spacing)
    brow = torch.maximum((y - arch).abs() - looks.brow, (side - looks.spacing).abs() - looks.eye * 1.25)
    face.tint(cover(brow, pixel * 1.2) * (looks.brow > 0), face.colors.brow)
    _paint_mouth(face)
    ring = ellipse(side - looks.spacing, y - looks.y, looks.spacing * 0.8, looks.spacing * 0.72)
    bridge = torch.maximum((y - looks.y).abs() - looks.glasses, side - looks.spacing * 0.3)
    rim = torch.minimum(ring.abs() - looks.glasses, bridge)
    face.tint(cover(rim, pixel) * (looks.glasses > 0), face.colors.rim)


def _paint_eyes(face: Face) -> None:
    looks, pixel, dark = face.looks, face.pixel, face.colors.ink * 0.6
    opened = 1 - 0.9 * face.blink
    white = torch.ones_like(dark)
    for side in (1.0, -1.0):
        u, v = face.x - side * looks.spacing, face.y - looks.y
        tall = looks.eye * looks.tall
        lids = ellipse(u, v, looks.eye, tall * opened + 0.008)
        shown = cover(lids, pixel)
        face.tint(shown * looks.white, white)
        ball = looks.eye * (1 - 0.38 * looks.white)
        shift_x, shift_y = 0.3 * looks.eye * face.gaze_x * looks.white, 0.3 * tall * face.gaze_y * looks.white
        iris = ellipse(u - shift_x, v - shift_y, ball, tall * (1 - 0.3 * looks.white))
        face.tint(cover(iris, pixel) * shown, dark)
        gleam = ellipse(u - shift_x - 0.3 * ball, v - shift_y + 0.38 * tall, ball * 0.34, ball * 0.36)
        face.tint(cover(gleam, pixel) * shown * (1 - face.blink), white)
        lash = torch.maximum(lids.abs() - 0.009, v - 0.1 * tall) if side else lids
        face.tint(cover(lash, pixel) * looks.white, dark)


def _paint_mouth(face: Face) -> None:
    looks, pixel = face.looks, face.pixel
    across = face.x / looks.mouth
    bend = looks.mouth_y + face.smile * looks.mouth * 0.55 * (0.5 - across**2)
    off = face.y - bend
    line = torch.maximum(off.abs() - 0.014, (across.abs() - 1) * looks.mouth)
    drop = face.opened * looks.mouth * 0.9
    hole = torch.maximum(ellipse(face.x, off, looks.mouth * 0.85, drop + 0.012), -off)
    inside = cover(hole, pixel) * (face.opened > 0.03)
    dark = face.colors.lips * 0.45
    face.tint(inside, dark)
    tongue = ellipse(face.x, off - drop * 0.95, looks.mouth * 0.6, drop * 0.5 + 0.004)
    face.tint(inside * cover(tongue, pixel), face.colors.lips)
    face.tint(cover(line, pixel * 1.1), dark)


def _paint_beard(face: Face) -> None:
    looks = face.looks
    if not bool((looks.beard > 0).any()):
        return
    side = face.x.abs()
    free = ellipse(face.x, face.y - looks.mouth_y, looks.mouth * 1.1, 0.04 + 0.08 * face.opened)
    cheek = looks.mouth_y - 0.055 - 0.9 * (side - 0.14).clamp_min(0) - face.y
    shape = torch.maximum(cheek, -free)
    face.tint(cover(shape, face.pixel * 1.5) * looks.beard, face.colors.hair)


def paint_chest(who: BodyIdentity, patch: Patch) -> None:
    """Paint the collar, belt and buttons of shirts."""
    outfit = take(who.outfit, patch.rows)
    along, x = patch.along, torch.sin(patch.around)
    front = (torch.cos(patch.around) * 8).clamp(0, 1)
    tubes = patch.tubes
    pixel = patch.pixel / (tubes.span * tubes.radii.mean(1) / tubes.girth)[:, None, None]
    depth = outfit.collar[:, None, None]
    collar = ellipse(x, along + 0.32, 0.40 + 0.05 * depth, 0.32 + depth)
    skin = cover(collar, pixel)
    patch.tint(skin * front, take(who.colors, patch.rows).skin)
    patch.line(cover(collar.abs() - 0.03, pixel) * front * 0.7)
    hem = outfit.hem[:, None, None]
    belt = cover((along - hem + 0.12).abs() - 0.12, pixel)
    patch.tint(belt * outfit.belt[:, None, None], take(who.palette, patch.rows).shoe)
    if bool((outfit.buttons > 0).any()):
        row = (along * 2.2 - (along * 2.2).round()) / 2.2
        button = ellipse(x, row, 0.05, 0.07)
        here = front * ((along > 0.4) & (along < hem - 0.25))
        patch.tint(
            cover(button, pixel) * here * outfit.buttons[:, None, None], take(who.palette, patch.rows).accent
        )

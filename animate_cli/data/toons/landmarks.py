"""Where the landmarks of a toon are in the picture, and which of them can be seen."""

import torch
from torch import Tensor

from animate_cli.data.toons.eyes import SIDES, brow_place, eye_shape
from animate_cli.data.toons.geometry import Points, apply
from animate_cli.data.toons.head import head_surface
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.mouth import mouth_shape
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.shapes import cover
from animate_cli.data.toons.solids import column as vector
from animate_cli.data.toons.stance import Part
from animate_cli.data.toons.values import LANDMARK_NAMES

HIDING = (Part.HAIR, Part.HAT, Part.BRIM, Part.BUN)


def find_landmarks(who: Identity, pose: Pose) -> tuple[Tensor, Tensor]:
    """Landmarks [B, L, 2], (x, y) in [-1, 1], and whether each is visible [B, L]."""
    return find_scene_landmarks(Scene(who, pose))


def find_scene_landmarks(scene: Scene) -> tuple[Tensor, Tensor]:
    """Landmarks of a scene, as find_landmarks returns them."""
    who, pose = scene.identity, scene.pose
    front = _front(scene)
    x, y = (torch.stack(list(values), 1)[:, None] for values in zip(*front, strict=True))
    depth = head_surface(scene, x, y, turned=False)[1]
    head = who.head
    extra = torch.stack(
        [
            vector(head.width * head.jaw * 0.80, 0.42 * head.length, 0.10),
            vector(-head.width * head.jaw * 0.80, 0.42 * head.length, 0.10),
            vector(head.width * 1.02, 0.06, -0.08),
            vector(-head.width * 1.02, 0.06, -0.08),
        ],
        1,
    )[:, None]
    local = Points(*(torch.cat([a, extra[..., i]], 2) for i, a in enumerate((x, y, depth))))
    seen = apply(scene.rotation, local)
    body = _body(scene)
    points = torch.stack(
        [torch.cat([seen.x, body[:, None, :, 0]], 2), torch.cat([seen.y, body[:, None, :, 1]], 2)], -1
    )
    visible = _visible(scene, points, seen.z)[:, 0]
    places = points[:, 0] * pose.scale[:, None, None] + pose.place[:, None]
    inside = (places.abs() <= 1).all(-1)
    order = [_ORDER.index(name) for name in LANDMARK_NAMES]
    return places[:, order], (visible & inside)[:, order]


def _front(scene: Scene) -> list[tuple[Tensor, Tensor]]:
    """Points (x, y) [B] on the front of the face, in the order of _ORDER."""
    who, pose = scene.identity, scene.pose
    eyes, points = who.eyes, []
    for column, side in SIDES:
        shape = eye_shape(who, pose, column)

        def on_eye(u: Tensor, v: Tensor, side: float = side) -> tuple[Tensor, Tensor]:
            return side * (eyes.spacing + u), eyes.y + v - eyes.slant * u

        zero = torch.zeros_like(eyes.width)
        points += [on_eye(-eyes.width, zero), on_eye(eyes.width, zero), on_eye(zero, shape.upper)]
        points += [on_eye(zero, shape.lower), on_eye(shape.iris_x, shape.iris_y)]
    for column, side in SIDES:
        middle, brows = brow_place(who, pose, column), who.brows
        lean = (brows.angle - 0.15 * pose.brows[:, column].clamp_max(0)) * brows.length
        for end in (-1.0, 1.0):
            points.append(
                (side * (eyes.spacing * 1.02 + end * brows.length), middle - end * lean + 0.5 * brows.arch)
            )
    zero = torch.zeros_like(eyes.y)
    mouth = mouth_shape(who, pose)
    corner = who.mouth.y + 0.65 * mouth.lift
    points += [
        (zero, who.nose.y - 0.05),
        (zero, who.nose.y + 0.04),
        (mouth.width, corner),
        (-mouth.width, corner),
    ]
    middle = who.mouth.y - 0.35 * mouth.lift
    points += [
        (zero, middle - mouth.rise - who.mouth.upper * 0.5),
        (zero, middle + mouth.drop + who.mouth.lower * 0.5),
    ]
    chin = 0.98 * who.head.length + 0.2 * pose.mouth_open - 0.06
    points += [(zero, chin), (zero, torch.where(who.hair.cap > 0, who.hair.line, zero - 0.6))]
    return points


def _body(scene: Scene) -> Tensor:
    """Neck and shoulders [B, 3, 2] in head units."""
    base, wear, pose = scene.base, scene.identity.wear, scene.pose
    start = scene.neck_line()[0]
    reach = torch.hypot(
        wear.shoulder * torch.cos(pose.torso_yaw), wear.shoulder * 0.38 * torch.sin(pose.torso_yaw)
    )
    drop = base[:, 1] + wear.slope * (reach * 0.86 - 0.3) + 0.22 - pose.shoulders
    neck = torch.lerp(start, base, 0.97)
    left = torch.stack([base[:, 0] + 0.86 * reach, drop], 1)
    return torch.stack([neck, left, torch.stack([base[:, 0] - 0.86 * reach, drop], 1)], 1)


def _visible(scene: Scene, points: Tensor, depth: Tensor) -> Tensor:
    """Whether points in head units [B, 1, L, 2] are hidden by the head or by what is on it."""
    x, y = points[..., 0], points[..., 1]
    turning = depth.shape[2]
    shown = torch.ones_like(x, dtype=torch.bool)
    for layer in scene.solids(x, y):
        alpha = cover(layer.distance, 0.02)
        if layer.gate is not None:
            alpha = alpha * layer.gate
        if layer.part == Part.HEAD:
            slack = torch.full((turning,), 0.07, device=depth.device)
            slack[_SLACK:] = 0.28
            shown[..., :turning] = depth > layer.depth[..., :turning] - slack
            shown[..., turning:] &= alpha[..., turning:] < 0.5
        elif layer.part in HIDING:
            shown &= alpha < 0.5
    return shown


_ORDER = (
    *LANDMARK_NAMES[:21],
    "hairline",
    "jaw_left",
    "jaw_right",
    "ear_left",
    "ear_right",
    *LANDMARK_NAMES[26:],
)
_SLACK = _ORDER.index("jaw_left")
"""Landmarks from here on lie a little under the skin."""

"""Synthetic training samples: one logo in a degraded scene, its template, and where it stands.

A sample imitates what the detector sees at the pyramid level that fits the logo: the scene is drawn and compressed at the
size it would have in the video ("native" pixels) and only then scaled to the level, so that small logos arrive blurred and
full of coding artefacts, as they do in a stream.
"""

import json
import os

import cv2
import numpy as np

from degrade import degrade
from marks import Mark, mirrored_or_turned, template, thumb

CELL_PX = 4  # stride of the network
# A logo's mean side (root of the area) on its template, the side of a scene in pixels of the pyramid level, how far a search's
# scale may be off in octaves: what the analyzer searches at (KERNEL_SIDE_PX of kernel-bank.ts), and compares head on at.
SEARCH, HEAD_ON = (32.0, 160, 0.27), (48.0, 192, 0.15)
LEAST_CHANGE = 6


class Material:
    """Marks of a folder that make-references.mjs has drawn, and a split's backgrounds in grey."""

    def __init__(self, refs_dir, splits_file, split='train', share='/usr/share'):
        splits = json.load(open(splits_file))
        self.marks = []
        for brand in json.load(open(os.path.join(refs_dir, 'brands.json'))):
            if '~' not in brand['slug']:
                self.marks.append(Mark(os.path.join(refs_dir, brand['slug'] + '.png')))
        self.backgrounds = []
        for path in splits['backgrounds'][split]:
            grey = cv2.imread(os.path.join(share, path), cv2.IMREAD_GRAYSCALE)
            if grey is None:
                raise SystemExit(f'{os.path.join(share, path)} is missing: apt-get install mate-backgrounds plasma-workspace-wallpapers')
            scale = 1920 / grey.shape[1]
            self.backgrounds.append(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        self.lookalikes = self._lookalikes()

    def _lookalikes(self, count=6):
        """The marks whose templates resemble each mark's most: the hard negatives."""
        rows = np.stack([thumb(mark) for mark in self.marks])
        near = []
        for at in range(0, len(rows), 500):
            likeness = rows[at:at + 500] @ rows.T
            likeness[np.arange(len(likeness)), np.arange(at, at + len(likeness))] = -1
            # A near copy of the same mark is not a negative but the same logo.
            likeness[likeness > 0.93] = -1
            near.append(np.argpartition(-likeness, count, axis=1)[:, :count])
        return np.concatenate(near)


def background(r, material, side):
    if r.rand() < 0.8:
        image = material.backgrounds[r.randint(len(material.backgrounds))]
        zoom = r.uniform(0.35, 1.6)
        n = min(int(side / zoom) + 2, min(image.shape) - 1)
        y, x = r.randint(0, image.shape[0] - n), r.randint(0, image.shape[1] - n)
        cut = image[y:y + n, x:x + n]
        return cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA if n > side else cv2.INTER_LINEAR).astype(np.float32)
    grey = np.full((side, side), r.uniform(0, 255), np.float32)
    for _ in range(r.randint(2, 25)):
        points = r.randint(-20, side + 20, (r.randint(3, 6), 2)).astype(np.int32)
        cv2.fillPoly(grey, [points], float(r.uniform(0, 255)))
    return cv2.GaussianBlur(grey, (0, 0), r.uniform(0.5, 4)) if r.rand() < 0.5 else grey


def text(r, image):
    """Letters at random: what a word mark must not be taken for."""
    letters = list('ABCDEFGHIKLMNOPRSTUVWYZabcdefghiklmnoprstuvwyz0123456789 ')
    side = image.shape[0]
    for _ in range(r.randint(1, 4)):
        line = ''.join(r.choice(letters, r.randint(3, 16)))
        place = (int(r.randint(-30, side // 2)), int(r.randint(10, side)))
        cv2.putText(image, line, place, int(r.choice([0, 1, 2, 3, 4])), r.uniform(0.4, 1.6), float(r.uniform(0, 255)), int(r.randint(1, 4)), cv2.LINE_AA)


def oblique_quad(r, width, height, scale, cx, cy):
    """The corners of a board turned in space, with the apparent area kept."""
    yaw, pitch, roll = np.deg2rad([r.uniform(-52, 52), r.uniform(-28, 28), r.uniform(-14, 14)])
    if r.rand() < 0.35:
        yaw, pitch, roll = 0, 0, roll * 0.3
    c, s = np.cos, np.sin
    turn = (np.array([[c(roll), -s(roll), 0], [s(roll), c(roll), 0], [0, 0, 1]])
            @ np.array([[1, 0, 0], [0, c(pitch), -s(pitch)], [0, s(pitch), c(pitch)]])
            @ np.array([[c(yaw), 0, s(yaw)], [0, 1, 0], [-s(yaw), 0, c(yaw)]]))
    scale = scale / np.sqrt(max(0.35, c(yaw) * c(pitch)))
    distance = np.sqrt(width * height) * scale * r.uniform(2, 6)
    corners = np.float32([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) / 2 * [width, height, 1] * scale @ turn.T
    return np.float32([[p[0] * distance / (distance + p[2]) + cx, p[1] * distance / (distance + p[2]) + cy] for p in corners]), scale


def shade_pair(r, lowest):
    """Brightness of ground and mark, at least `lowest` apart."""
    ground = r.uniform(0, 255)
    gap = r.uniform(lowest, 200)
    mark = ground + gap if r.rand() < 0.5 else ground - gap
    if not 0 <= mark <= 255:
        mark = ground - gap if mark > 255 else ground + gap
    return ground, float(np.clip(mark, 0, 255))


def put(r, image, mark, cx, cy, scale):
    """Draws a logo on a board or straight on the picture."""
    side = image.shape[0]
    h, w = mark.alpha.shape
    reach = r.uniform(0.05, 0.6)
    pad_y, pad_x = int(h * reach), int(w * reach * min(1, h / w) + 4)
    pw, ph = w + 2 * pad_x, h + 2 * pad_y
    quad, scale = oblique_quad(r, pw, ph, scale, cx, cy)
    shrink = 1 / scale
    onto = cv2.getPerspectiveTransform(np.float32([[0, 0], [pw, 0], [pw, ph], [0, ph]]), quad)

    def warped(plane):
        plate = cv2.copyMakeBorder(plane, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_CONSTANT)
        if shrink > 1.5:
            plate = cv2.GaussianBlur(plate, (0, 0), 0.42 * shrink)
        return cv2.warpPerspective(plate, onto, (side, side)).astype(np.float32) / 255

    ink = warped(mark.alpha)
    kind = r.rand()
    if kind < 0.6:  # board
        board = cv2.warpPerspective(np.full((ph, pw), 255, np.uint8), onto, (side, side)).astype(np.float32) / 255
        ground, shade = shade_pair(r, 18 if r.rand() < 0.3 else 50)
        if r.rand() < 0.2:  # uneven light
            ground = ground + np.linspace(-1, 1, side, dtype=np.float32)[None] * r.uniform(-40, 40)
        image = image * (1 - board) + ground * board
        opacity = 1.0
    else:  # overlay
        opacity = r.choice([0.3, 0.35, 0.4, 0.5, 0.5, 0.7, 0.9, 1.0])
        shade = r.choice([255.0, 255.0, 255.0, r.uniform(0, 255)])
        if kind < 0.72:  # soft shadow or outline below the mark
            around = cv2.dilate(ink, np.ones((3, 3))) if r.rand() < 0.5 else np.roll(cv2.GaussianBlur(ink, (0, 0), r.uniform(0.8, 2.5)), (1, 1), (0, 1))
            edge = 0.0 if shade > 128 else 255.0
            image = image * (1 - around * 0.7 * opacity) + edge * around * 0.7 * opacity
    if mark.tones is not None:  # its own tones, in this light
        gain, offset = r.uniform(0.6, 1.1), r.uniform(-20, 30)
        return image * (1 - ink * opacity) + np.clip(warped(mark.tones) * 255 * gain + ink * offset, 0, 255 * ink) * opacity
    if r.rand() < 0.15:  # two tones in one mark
        shade = shade + np.linspace(-1, 1, side, dtype=np.float32)[:, None] * r.uniform(-60, 60)
    return image * (1 - ink * opacity) + shade * ink * opacity


def stands_out(before, after, cx, cy, size):
    """Whether anybody could see it: white on white teaches nothing. The board counts too, so that this only rules out the worst."""
    part = np.s_[int(max(0, cy - size / 2)):int(cy + size / 2) + 1, int(max(0, cx - size / 2)):int(cx + size / 2) + 1]
    change = (after - before)[part]
    return change.std() >= LEAST_CHANGE


def cover(r, image, mark, cx, cy, base, native):
    """Hides a part of it, seldom more than half."""
    h, w = mark.alpha.shape
    size = base / np.sqrt(h * w) * native
    half_w, half_h = w * size / 2, h * size / 2
    centre = (float(cx * native + r.uniform(-1.1, 1.1) * half_w), float(cy * native + r.uniform(-1.1, 1.1) * half_h))
    shade = float(r.uniform(0, 255))
    if r.rand() < 0.5:
        axes = (float(r.uniform(8, 36)) * native, float(r.uniform(8, 36)) * native)
        cv2.ellipse(image, (centre, axes, float(r.uniform(0, 180))), shade, -1)
        return
    # Something with an edge in front: the board of another, a shoulder, the frame's end.
    angle, far = r.uniform(0, 2 * np.pi), 400 * native
    inner = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-inner[1], inner[0]])
    start = np.array([cx * native, cy * native]) + inner * r.uniform(0.05, 0.9) * np.hypot(half_w * inner[0], half_h * inner[1])
    corners = [start - across * far, start + across * far, start + across * far + inner * far, start - across * far + inner * far]
    cv2.fillPoly(image, [np.int32(corners)], shade)


def sample(r, material, index, batch, kind):
    """Scene (0 to 1), template, mask and the logo's centre in cells."""
    base, scene_px, scale_off = kind
    mark = material.marks[index]
    look = mark.look(r)
    canvas, mask, template_scale = template(look, base)
    # Native pixels per pixel of the level: logos of 15 to 90 px.
    native = 2 ** (r.uniform(-0.8, 0.2) if r.rand() < 0.6 else r.uniform(0.2, 1.0)) * (1 if kind is SEARCH else 32 / 48)
    side = int(round(scene_px * native))
    native = side / scene_px
    image = background(r, material, side)
    cx, cy = r.uniform(50, scene_px - 50), r.uniform(50, scene_px - 50)
    if r.rand() < 0.3:
        text(r, image)
    for _ in range(r.choice([0, 1, 1, 2])):
        near = material.lookalikes[index]
        lot = r.rand()
        other = int(near[r.randint(len(near))]) if lot < 0.35 else r.randint(len(material.marks))
        if other in batch:
            continue
        wrong = (mirrored_or_turned(r, look) if lot > 0.75 else None) or material.marks[other].look(r)
        scale = base / np.sqrt(wrong.alpha.size) * 2 ** r.uniform(-1, 1) * native
        image = put(r, image, wrong, r.uniform(0, side), r.uniform(0, side), scale)
    for _ in range(4):
        drawn = put(r, image, look, cx * native, cy * native, template_scale * 2 ** r.uniform(-scale_off, scale_off) * native)
        if stands_out(image, drawn, cx * native, cy * native, base * native):
            break
    image = drawn
    if r.rand() < 0.3:
        cover(r, image, look, cx, cy, base, native)
    image = degrade(r, image)
    if side != scene_px:
        image = cv2.resize(image, (scene_px, scene_px), interpolation=cv2.INTER_AREA if side > scene_px else cv2.INTER_LINEAR)
    return image / 255, canvas, mask, (cx / CELL_PX, cy / CELL_PX)


def batch_indices(r, material, size):
    """Marks of a batch: pairs that look alike, so that telling them apart is what is learned."""
    chosen = []
    while len(chosen) < size:
        first = r.randint(len(material.marks))
        near = material.lookalikes[first]
        for index in (first, int(near[r.randint(len(near))]) if r.rand() < 0.7 else r.randint(len(material.marks))):
            if index not in chosen and len(chosen) < size:
                chosen.append(index)
    return chosen


def batch(r, material, size, kind=None):
    """Samples of one kind, SEARCH twice as often as HEAD_ON unless it is said."""
    kind = kind or (SEARCH, SEARCH, HEAD_ON)[r.randint(3)]
    indices = batch_indices(r, material, size)
    columns = zip(*(sample(r, material, index, set(indices), kind) for index in indices))
    return [np.asarray(column, np.float32) for column in columns]

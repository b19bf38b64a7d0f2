"""Synthetic training samples: one logo in a degraded scene, its template, and where it stands.

A sample imitates what the detector sees at the pyramid level that fits the logo: the scene is drawn and compressed at the
size it would have in the video ("native" pixels) and only then scaled to the level, so that small logos arrive blurred and
full of coding artefacts, as they do in a stream.
"""

import json
import os

import cv2
import numpy as np

SCENE_PX = 192  # side of a sample, in pixels of the pyramid level
CELL_PX = 4  # stride of the network
TEMPLATE_CELLS = 24
TEMPLATE_PX = TEMPLATE_CELLS * CELL_PX
BASE_PX = 48.0  # sqrt(width * height) of a logo on its template


class Material:
    """Alpha masks of a split's brands, and its backgrounds in grey. Brands that no split names are for training."""

    def __init__(self, refs_dir, splits_file, split='train', share='/usr/share'):
        splits = json.load(open(splits_file))
        named = {name: {slug for part in parts.values() for slug in part} for name, parts in splits['brands'].items()}
        self.alpha = {}
        for name in sorted(os.listdir(refs_dir)):
            slug, ending = os.path.splitext(name)
            if ending != '.png' or (slug not in named[split] if split in named else any(slug in brands for brands in named.values())):
                continue
            image = cv2.imread(os.path.join(refs_dir, name), cv2.IMREAD_UNCHANGED)
            self.alpha[slug] = image[..., 3] if image.ndim == 3 else image
        self.slugs = sorted(self.alpha)
        self.backgrounds = []
        for path in splits['backgrounds'][split]:
            grey = cv2.imread(os.path.join(share, path), cv2.IMREAD_GRAYSCALE)
            if grey is None:
                raise SystemExit(f'{os.path.join(share, path)} is missing: apt-get install mate-backgrounds plasma-workspace-wallpapers')
            scale = 1920 / grey.shape[1]
            self.backgrounds.append(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        self.lookalikes = self._lookalikes()

    def _lookalikes(self, count=6):
        """The brands whose templates resemble each brand's most: the hard negatives."""
        rows = np.stack([cv2.resize(template(self.alpha[s])[0], (24, 24), interpolation=cv2.INTER_AREA).ravel() for s in self.slugs])
        rows -= rows.mean(1, keepdims=True)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6
        likeness = rows @ rows.T
        np.fill_diagonal(likeness, -1)
        # A near copy of the same mark is not a negative but the same logo.
        likeness[likeness > 0.93] = -1
        return np.argsort(-likeness, axis=1)[:, :count]


def template(alpha):
    """The logo, dark on light and centred on its canvas, its cell mask and the scale from reference to template pixels."""
    h, w = alpha.shape
    scale = min(BASE_PX / np.sqrt(h * w), (TEMPLATE_PX - 8) / w, (TEMPLATE_PX - 8) / h)
    tw, th = max(8, int(round(w * scale))), max(8, int(round(h * scale)))
    small = cv2.resize(alpha, (tw, th), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    canvas = np.ones((TEMPLATE_PX, TEMPLATE_PX), np.float32)
    y, x = (TEMPLATE_PX - th) // 2, (TEMPLATE_PX - tw) // 2
    canvas[y:y + th, x:x + tw] -= small
    mask = np.zeros((TEMPLATE_PX, TEMPLATE_PX), np.float32)
    margin = 3
    mask[max(0, y - margin):y + th + margin, max(0, x - margin):x + tw + margin] = 1
    return canvas, cv2.resize(mask, (TEMPLATE_CELLS, TEMPLATE_CELLS), interpolation=cv2.INTER_AREA), scale


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


def put(r, image, alpha, cx, cy, scale):
    """Draws a logo on a board or straight on the picture."""
    side = image.shape[0]
    h, w = alpha.shape
    reach = r.uniform(0.05, 0.6)
    pad_y, pad_x = int(h * reach), int(w * reach * min(1, h / w) + 4)
    plate = cv2.copyMakeBorder(alpha, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_CONSTANT)
    ph, pw = plate.shape
    quad, scale = oblique_quad(r, pw, ph, scale * 1.0, cx, cy)
    shrink = 1 / scale
    if shrink > 1.5:
        plate = cv2.GaussianBlur(plate, (0, 0), 0.42 * shrink)
    onto = cv2.getPerspectiveTransform(np.float32([[0, 0], [pw, 0], [pw, ph], [0, ph]]), quad)
    mark = cv2.warpPerspective(plate, onto, (side, side)).astype(np.float32) / 255
    kind = r.rand()
    if kind < 0.6:  # board
        board = cv2.warpPerspective(np.full(plate.shape, 255, np.uint8), onto, (side, side)).astype(np.float32) / 255
        ground, shade = shade_pair(r, 18 if r.rand() < 0.3 else 50)
        if r.rand() < 0.2:  # uneven light
            ground = ground + np.linspace(-1, 1, side, dtype=np.float32)[None] * r.uniform(-40, 40)
        image = image * (1 - board) + ground * board
        opacity = 1.0
    else:  # overlay
        opacity = r.choice([0.3, 0.4, 0.5, 0.7, 0.9, 1.0])
        shade = r.choice([255.0, 255.0, 255.0, r.uniform(0, 255)])
        if kind < 0.72:  # soft shadow or outline below the mark
            around = cv2.dilate(mark, np.ones((3, 3))) if r.rand() < 0.5 else np.roll(cv2.GaussianBlur(mark, (0, 0), r.uniform(0.8, 2.5)), (1, 1), (0, 1))
            edge = 0.0 if shade > 128 else 255.0
            image = image * (1 - around * 0.7 * opacity) + edge * around * 0.7 * opacity
    if r.rand() < 0.15:  # two tones in one mark
        shade = shade + np.linspace(-1, 1, side, dtype=np.float32)[:, None] * r.uniform(-60, 60)
    return image * (1 - mark * opacity) + shade * mark * opacity


def degrade(r, image):
    """Camera, light and codec, at native size."""
    side = image.shape[0]
    if r.rand() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), r.uniform(0.4, 1.8))
    if r.rand() < 0.2:
        n = r.randint(3, 8)
        smear = np.zeros((n, n), np.float32)
        smear[n // 2] = 1 / n
        image = cv2.filter2D(image, -1, smear if r.rand() < 0.7 else smear.T)
    image = np.clip((image - 128) * r.uniform(0.45, 1.1) + 128 + r.uniform(-40, 40), 0, 255)
    image = image + r.randn(side, side).astype(np.float32) * r.uniform(0, 6)
    if r.rand() < 0.8:
        quality = int(np.exp(r.uniform(np.log(8), np.log(75))))
        # Codec blocks do not stand on the sample's corner.
        shift_y, shift_x = r.randint(0, 8, 2)
        shifted = cv2.copyMakeBorder(np.clip(image, 0, 255).astype(np.uint8), shift_y, 0, shift_x, 0, cv2.BORDER_REPLICATE)
        coded = cv2.imdecode(cv2.imencode('.jpg', shifted, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
        image = coded[shift_y:, shift_x:].astype(np.float32)
        if r.rand() < 0.5:  # the in-loop filter of a video codec
            image = cv2.GaussianBlur(image, (0, 0), r.uniform(0.4, 0.9))
    return np.clip(image, 0, 255)


def sample(r, material, index, batch):
    """Scene (0 to 1), template, mask and the logo's centre in cells."""
    alpha = material.alpha[material.slugs[index]]
    canvas, mask, template_scale = template(alpha)
    native = 2 ** (r.uniform(-1.1, 0) if r.rand() < 0.5 else r.uniform(0, 0.8))
    side = int(round(SCENE_PX * native))
    native = side / SCENE_PX
    image = background(r, material, side)
    cx, cy = r.uniform(60, SCENE_PX - 60), r.uniform(60, SCENE_PX - 60)
    if r.rand() < 0.3:
        text(r, image)
    for _ in range(r.choice([0, 1, 1, 2])):
        near = material.lookalikes[index]
        other = int(near[r.randint(len(near))]) if r.rand() < 0.4 else r.randint(len(material.slugs))
        if other in batch:
            continue
        other_alpha = material.alpha[material.slugs[other]]
        scale = BASE_PX / np.sqrt(other_alpha.size) * 2 ** r.uniform(-1, 1) * native
        image = put(r, image, other_alpha, r.uniform(0, side), r.uniform(0, side), scale)
    image = put(r, image, alpha, cx * native, cy * native, template_scale * 2 ** r.uniform(-0.2, 0.2) * native)
    if r.rand() < 0.2:  # partly covered
        centre = (float(cx + r.randn() * 20) * native, float(cy + r.randn() * 20) * native)
        axes = (float(r.uniform(8, 28)) * native, float(r.uniform(8, 28)) * native)
        cv2.ellipse(image, (centre, axes, float(r.uniform(0, 180))), float(r.uniform(0, 255)), -1)
    image = degrade(r, image)
    if side != SCENE_PX:
        image = cv2.resize(image, (SCENE_PX, SCENE_PX), interpolation=cv2.INTER_AREA if side > SCENE_PX else cv2.INTER_LINEAR)
    return image / 255, canvas, mask, (cx / CELL_PX, cy / CELL_PX)


def batch_indices(r, material, size):
    """Brands of a batch: pairs that look alike, so that telling them apart is what is learned."""
    chosen = []
    while len(chosen) < size:
        first = r.randint(len(material.slugs))
        near = material.lookalikes[first]
        for index in (first, int(near[r.randint(len(near))]) if r.rand() < 0.7 else r.randint(len(material.slugs))):
            if index not in chosen and len(chosen) < size:
                chosen.append(index)
    return chosen


def batch(r, material, size):
    indices = batch_indices(r, material, size)
    columns = zip(*(sample(r, material, index, set(indices)) for index in indices))
    return [np.asarray(column, np.float32) for column in columns]

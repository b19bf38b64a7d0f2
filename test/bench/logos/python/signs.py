"""Boards with one to three logos, turned in space, partly covered (track S)."""

import cv2
import numpy as np

from material import HEIGHT, WIDTH, brand_colour, luma, paste, recoloured

LOGO_HEIGHT = 180
LEAST_VISIBLE, LEAST_SIDE_PX = 0.5, 14


class Sign:
    """A board fixed to the background, with its logos' corners on the board and whatever covers it."""

    def __init__(self, r, material, homography):
        self.texture, self.logos = _board(r, material)
        h, w = self.texture.shape[:2]
        corners = _turned(r, w, h, WIDTH * r.uniform(0.10, 0.42))
        centre = np.array([r.uniform(0.15, 0.85) * WIDTH, r.uniform(0.15, 0.85) * HEIGHT])
        on_background = cv2.perspectiveTransform((corners + centre).astype(np.float32)[None], np.linalg.inv(homography))[0]
        self.to_background = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), on_background.astype(np.float32))
        self.light = r.uniform(0.55, 1.1)
        self.cover = _Cover(r) if r.rand() < 0.25 else None

    def draw(self, image, homography, frame, placed):
        """Draws the sign; adds its logos to `placed`, and itself to what covers the logos placed before."""
        to_frame = homography @ self.to_background
        scale = np.sqrt(abs(np.linalg.det(to_frame[:2, :2])))
        shrink = 1 / max(scale, 1e-3)
        texture = cv2.GaussianBlur(self.texture, (0, 0), 0.45 * shrink) if shrink > 1.6 else self.texture
        h, w = texture.shape[:2]
        mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), to_frame, (WIDTH, HEIGHT))
        ys, xs = np.where(mask[::4, ::4] > 0)
        if len(ys) == 0:
            return
        part = np.s_[ys.min() * 4:min(HEIGHT, ys.max() * 4 + 4), xs.min() * 4:min(WIDTH, xs.max() * 4 + 4)]
        share = mask[part][..., None].astype(np.float32) / 255
        board = cv2.warpPerspective(texture, to_frame, (WIDTH, HEIGHT))[part]
        image[part] = (image[part] * (1 - share) + np.clip(board * self.light, 0, 255) * share).astype(np.uint8)
        outline = cv2.perspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]])[None], to_frame)[0]
        for logo in placed:
            logo['covers'].append(outline)
        for slug, corners in self.logos:
            placed.append({'slug': slug, 'quad': cv2.perspectiveTransform(corners[None], to_frame)[0], 'covers': []})
        if self.cover:
            hidden = self.cover.draw(image, frame)
            for logo in placed:
                logo['covers'].append(hidden)


class _Cover:
    """Something round that drifts in front."""

    def __init__(self, r):
        self.start = r.uniform(0, WIDTH), r.uniform(0, HEIGHT)
        self.drift = r.uniform(-4, 4), r.uniform(-2, 2)
        self.size = float(r.uniform(40, 120)), float(r.uniform(60, 200))
        self.colour = tuple(int(v) for v in r.randint(0, 200, 3))

    def draw(self, image, frame):
        x, y = (self.start[k] + self.drift[k] * frame for k in (0, 1))
        cv2.ellipse(image, ((float(x), float(y)), self.size, 20.0), self.colour, -1, cv2.LINE_AA)
        return cv2.ellipse2Poly((int(x), int(y)), (int(self.size[0] / 2), int(self.size[1] / 2)), 20, 0, 360, 12)


def truth(logo, wanted):
    """What the truth says of a placed logo; None when next to nothing of it can be seen."""
    quad = logo['quad']
    seen = np.zeros((HEIGHT // 2, WIDTH // 2), np.uint8)
    cv2.fillPoly(seen, [np.int32(quad / 2)], 1)
    for cover in logo['covers']:
        cv2.fillPoly(seen, [np.int32(np.array(cover) / 2)], 0)
    visible = float(seen.sum() / max(abs(cv2.contourArea(quad.astype(np.float32))) / 4, 1))
    if visible < 0.1:
        return None
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    side = lambda a, b: np.linalg.norm(quad[a] - quad[b])
    thinnest = min(side(0, 3), side(1, 2), side(0, 1), side(3, 2))
    return {
        'brand': logo['slug'],
        'gallery': logo['slug'] in wanted,
        'box': [round(float(v), 1) for v in (max(0, x0), max(0, y0), min(WIDTH, x1), min(HEIGHT, y1))],
        'visible': round(visible, 2),
        'ignore': bool(visible < LEAST_VISIBLE or thinnest < LEAST_SIDE_PX),
        'kind': 'sign',
    }


def _board(r, material):
    brands = []
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        pool = material.gallery if r.rand() < 0.65 else material.distractors
        brands.append(pool[r.randint(len(pool))])
    images = [material.logo(brand) for brand in brands]
    ground = _ground(r, brand_colour(brands[0], images[0]))
    marks = [_mark(r, image, brand, ground) for brand, image in zip(brands, images)]
    pad = int(LOGO_HEIGHT * r.uniform(0.18, 0.6))
    width, height = sum(mark.shape[1] for mark in marks) + pad * (len(marks) + 1), LOGO_HEIGHT + 2 * pad
    texture = np.empty((height, width, 3), np.uint8)
    texture[:] = ground.astype(np.uint8)
    if r.rand() < 0.3:
        cv2.rectangle(texture, (3, 3), (width - 4, height - 4), tuple(int(255 - c) for c in ground), int(r.randint(2, 8)))
    logos, x = [], pad
    for brand, mark in zip(brands, marks):
        y, (h, w) = (height - mark.shape[0]) // 2, mark.shape[:2]
        paste(texture, mark, x, y)
        logos.append((brand['slug'], np.float32([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])))
        x += w + pad
    return texture, logos


def _ground(r, colour):
    kind = r.choice(['white', 'dark', 'saturated', 'brand'], p=[0.35, 0.25, 0.2, 0.2])
    if kind == 'white':
        return np.full(3, r.uniform(220, 255))
    if kind == 'dark':
        return r.uniform(0, 60, 3)
    if kind == 'saturated':
        hsv = np.uint8([[[r.randint(180), r.randint(120, 255), r.randint(80, 230)]]])
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(float)
    return colour


def _mark(r, logo, brand, ground):
    scale = min(LOGO_HEIGHT / logo.shape[0], 640 / logo.shape[1])
    size = max(8, int(logo.shape[1] * scale)), max(8, int(logo.shape[0] * scale))
    colour = brand_colour(brand, logo)
    if brand['hex'] is None:
        mark = cv2.resize(logo, size, interpolation=cv2.INTER_AREA)
        return mark if abs(luma(colour) - luma(ground)) >= 60 else _on_plate(mark, 250 if luma(ground) < 128 else 15)
    if r.rand() < 0.35 or abs(luma(colour) - luma(ground)) < 60:
        colour = np.full(3, 255.0) if luma(ground) < 128 else np.full(3, r.choice([0, 25]))
    return recoloured(cv2.resize(logo, size, interpolation=cv2.INTER_AREA), colour)


def _on_plate(mark, shade):
    """A mark of several colours that the ground would swallow."""
    plate = np.full_like(mark, shade)
    plate[..., 3] = 255
    paste(plate[..., :3], mark, 0, 0)
    return plate


def _turned(r, w, h, width):
    yaw, pitch, roll = np.deg2rad([r.uniform(-50, 50), r.uniform(-28, 28), r.uniform(-14, 14)])
    if r.rand() < 0.3:
        yaw = pitch = roll = 0
    c, s = np.cos, np.sin
    turn = (np.array([[c(roll), -s(roll), 0], [s(roll), c(roll), 0], [0, 0, 1]])
            @ np.array([[1, 0, 0], [0, c(pitch), -s(pitch)], [0, s(pitch), c(pitch)]])
            @ np.array([[c(yaw), 0, s(yaw)], [0, 1, 0], [-s(yaw), 0, c(yaw)]]))
    corners = np.float32([[-w / 2, -h / 2, 0], [w / 2, -h / 2, 0], [w / 2, h / 2, 0], [-w / 2, h / 2, 0]]) * (width / w) @ turn.T
    distance = width * r.uniform(1.6, 4)
    return np.float32([[p[0] * distance / (distance + p[2]), p[1] * distance / (distance + p[2])] for p in corners])

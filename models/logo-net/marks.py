"""Marks as the analyzer sees them: ink where it has one colour, tones where it has several."""

import cv2
import numpy as np

TONES_DEVIATION = 0.12  # as in src/plugins/logo-detection/reference-raster.ts
TEMPLATE_PX, TEMPLATE_CELLS, MARGIN_PX = 96, 24, 3
SYMMETRIC = 0.6  # likeness to its own mirror image from which a mark is no distractor for itself


class Mark:
    """Alpha of a reference and, where it has several tones, its luma times alpha; both 0 to 255."""

    def __init__(self, path):
        image = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        self.alpha = image[..., 3].copy()
        luma = cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2GRAY)
        weight = self.alpha.astype(np.float32) / 255
        total = weight.sum() + 1e-6
        mean = (luma * weight).sum() / total
        deviation = np.sqrt((weight * (luma - mean) ** 2).sum() / total) / 255
        self.tones = (luma * weight).astype(np.uint8) if deviation >= TONES_DEVIATION else None
        # An opaque cut-out has no outline to be known by.
        self.has_outline = weight.std() > 0.02

    def look(self, r):
        """The analyzer looks for both looks of a mark of several tones; one in four is shown by its outline."""
        if self.tones is None or (self.has_outline and r.rand() < 0.25):
            return Look(self.alpha, None)
        return Look(self.alpha, self.tones)


class Look:
    def __init__(self, alpha, tones):
        self.alpha, self.tones = alpha, tones

    def picture(self):
        """0 dark to 1 light, on white, or on black where its tones are light."""
        alpha = self.alpha.astype(np.float32) / 255
        if self.tones is None:
            return 1 - alpha, 1.0
        tones = self.tones.astype(np.float32) / 255
        ground = 1.0 if tones.sum() / (alpha.sum() + 1e-6) < 0.5 else 0.0
        return tones + ground * (1 - alpha), ground


def template(look, base):
    """The logo, `base` px in mean side, centred on its canvas, its cell mask and the scale from reference to template pixels."""
    picture, ground = look.picture()
    h, w = picture.shape
    scale = min(base / np.sqrt(h * w), (TEMPLATE_PX - 8) / w, (TEMPLATE_PX - 8) / h)
    tw, th = max(8, int(round(w * scale))), max(8, int(round(h * scale)))
    canvas = np.full((TEMPLATE_PX, TEMPLATE_PX), ground, np.float32)
    y, x = (TEMPLATE_PX - th) // 2, (TEMPLATE_PX - tw) // 2
    canvas[y:y + th, x:x + tw] = cv2.resize(picture, (tw, th), interpolation=cv2.INTER_AREA)
    mask = np.zeros((TEMPLATE_PX, TEMPLATE_PX), np.float32)
    mask[max(0, y - MARGIN_PX):y + th + MARGIN_PX, max(0, x - MARGIN_PX):x + tw + MARGIN_PX] = 1
    return canvas, cv2.resize(mask, (TEMPLATE_CELLS, TEMPLATE_CELLS), interpolation=cv2.INTER_AREA), scale


def thumb(mark):
    """What likeness of two marks is reckoned from: of zero mean and unit length."""
    return _thumb(Look(mark.alpha, mark.tones))


def _thumb(look):
    row = cv2.resize(template(look, 48)[0], (24, 24), interpolation=cv2.INTER_AREA).ravel()
    row = row - row.mean()
    return row / (np.linalg.norm(row) + 1e-6)


def mirrored_or_turned(r, look):
    """The same mark mirrored, on its side or upside down, if that makes another mark of it."""
    turn = (np.fliplr, np.flipud, np.rot90, lambda plane: np.rot90(plane, 2), lambda plane: np.rot90(plane, 3))[r.randint(5)]
    other = Look(*(None if plane is None else np.ascontiguousarray(turn(plane)) for plane in (look.alpha, look.tones)))
    return other if float(_thumb(other) @ _thumb(look)) < SYMMETRIC else None

"""Normalised cross-correlation of grey templates at many scales, the classic of overlay detection. Score: its magnitude.

Frame and template are blurred slightly and searched at one size of template over an image pyramid; the sign of the
correlation is dropped, so that light on dark counts as dark on light.
"""

import cv2
import numpy as np

from overlap import best_of_overlapping

TEMPLATE_PX, SMALLEST_PX = 24, 28
STEP = 2 ** (1 / 3)
LEAST_SCORE = 0.5
CANDIDATES = 3


class Templates:
    def __init__(self, references):
        self.templates = [(brand, *_template(bgra)) for brand, bgra in references]

    def detect(self, grey):
        found, scale = [], TEMPLATE_PX / SMALLEST_PX
        while min(grey.shape) * scale > TEMPLATE_PX * 1.5:
            level = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
            for brand, image, inner in self.templates:
                if image.shape[0] < level.shape[0] and image.shape[1] < level.shape[1]:
                    found += [(brand, score, box) for score, box in _peaks(level, image, inner, scale)]
            scale /= STEP
        return best_of_overlapping(found)


def _template(bgra):
    scale = TEMPLATE_PX / np.sqrt(bgra.shape[0] * bgra.shape[1])
    w, h = max(6, round(bgra.shape[1] * scale)), max(6, round(bgra.shape[0] * scale))
    alpha = cv2.resize(bgra[..., 3], (w, h), interpolation=cv2.INTER_AREA)
    pad = 3
    image = 255 - cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    return cv2.GaussianBlur(image, (0, 0), 0.7), (pad, w, h)


def _peaks(level, image, inner, scale):
    correlation = np.abs(cv2.matchTemplate(level, image, cv2.TM_CCOEFF_NORMED))
    correlation[~np.isfinite(correlation)] = 0
    pad, w, h = inner
    for _ in range(CANDIDATES):
        _, score, _, (x, y) = cv2.minMaxLoc(correlation)
        if score < LEAST_SCORE:
            return
        yield score, tuple(v / scale for v in (x + pad, y + pad, x + pad + w, y + pad + h))
        correlation[max(0, y - h // 2):y + h // 2 + 1, max(0, x - w // 2):x + w // 2 + 1] = 0

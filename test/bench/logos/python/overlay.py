"""A channel bug in a corner, and the lower third that comes and goes (track O)."""

import cv2
import numpy as np

from material import HEIGHT, WIDTH, paste, recoloured

FADE_FRAMES = 10
LEAST_FADE = 0.6


class Overlay:
    def __init__(self, r, material, frames):
        pool = material.gallery if r.rand() < 0.8 else material.distractors
        brand = pool[r.randint(len(pool))]
        logo = material.logo(brand)
        aspect = logo.shape[1] / logo.shape[0]
        w = int(np.clip(WIDTH * r.uniform(0.045, 0.10) * np.sqrt(aspect), 40, WIDTH * 0.2))
        h = max(10, int(w / aspect))
        self.slug, self.frames = brand['slug'], frames
        self.style = str(r.choice(['own', 'white', 'plate', 'shadow'], p=[0.3, 0.35, 0.2, 0.15]))
        self.opacity = float(r.choice([0.35, 0.5, 0.7, 0.9, 1.0]))
        self.logo = cv2.resize(logo, (w, h), interpolation=cv2.INTER_AREA)
        # A mark of several colours is known by its tones: it has a shadow, but is not made white.
        if self.style in ('white', 'shadow') and brand['hex'] is not None:
            self.logo = recoloured(self.logo, (255, 255, 255))
        mx, my = int(WIDTH * r.uniform(0.03, 0.06)), int(HEIGHT * r.uniform(0.04, 0.08))
        self.x, self.y = (mx, WIDTH - mx - w)[r.randint(2)], (my, HEIGHT - my - h)[r.randint(2)]
        self.begin, self.end = (0, frames) if r.rand() < 0.4 else (int(r.uniform(0, 0.4) * frames), int(r.uniform(0.6, 1) * frames))
        self.banner_at = int(r.uniform(0.1, 0.5) * frames) if r.rand() < 0.5 else None
        self.banner_text = ''.join(r.choice(list('ABCDEFGHIKLMNOPRSTUVWYZ '), 24))

    def draw(self, image, frame, wanted):
        """Draws what stands over the picture in this frame; gives the truth of the bug, or None."""
        if self.banner_at is not None and self.banner_at < frame < self.banner_at + 60:
            cv2.rectangle(image, (0, int(HEIGHT * 0.8)), (int(WIDTH * 0.7), int(HEIGHT * 0.9)), (60, 20, 20), -1)
            cv2.putText(image, self.banner_text, (30, int(HEIGHT * 0.87)), 0, 1.1, (255, 255, 255), 2, cv2.LINE_AA)
        if not self.begin <= frame < self.end:
            return None
        fade = self._fade(frame)
        (h, w), x, y = self.logo.shape[:2], self.x, self.y
        if self.style == 'plate':
            pad, dark = 6, self.logo[self.logo[..., 3] > 128][:, :3].mean() < 140
            ground = image[max(0, y - pad):y + h + pad, max(0, x - pad):x + w + pad]
            ground[:] = (ground * (1 - 0.75 * fade) + (255 if dark else 10) * 0.75 * fade).astype(np.uint8)
        if self.style == 'shadow':
            alpha = cv2.copyMakeBorder(self.logo[..., 3], 6, 6, 6, 6, cv2.BORDER_CONSTANT)
            shadow = cv2.GaussianBlur(alpha, (0, 0), 2.5).astype(np.float32)[..., None] / 255 * 0.6 * fade
            ground = image[y - 4:y + h + 8, x - 4:x + w + 8]
            ground[:] = (ground * (1 - shadow)).astype(np.uint8)
        paste(image, self.logo, x, y, self.opacity * fade)
        return {
            'brand': self.slug,
            'gallery': self.slug in wanted,
            'box': [x, y, x + w, y + h],
            'visible': 1.0,
            'ignore': bool(fade < LEAST_FADE),
            'kind': 'overlay',
        }

    def _fade(self, frame):
        fade = 1.0
        if self.begin > 0:
            fade = min(fade, (frame - self.begin + 1) / FADE_FRAMES)
        if self.end < self.frames:
            fade = min(fade, (self.end - frame) / FADE_FRAMES)
        return fade

    def facts(self):
        return {'brand': self.slug, 'style': self.style, 'opacity': self.opacity}

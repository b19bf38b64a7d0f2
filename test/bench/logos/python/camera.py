"""A camera that pans, zooms, rolls and shakes over a background picture."""

import numpy as np

from material import HEIGHT, WIDTH


def path(r, background, frames):
    """One homography from background to frame for each frame of a shot."""
    bh, bw = background.shape[:2]
    fit = max(WIDTH / bw, HEIGHT / bh) * 1.02
    zoom = [r.uniform(1.0, 1.35), r.uniform(1.0, 1.35)]
    centre = [_centre(r, bw, bh, fit * z) for z in zoom]
    roll = [0.0, r.uniform(-0.06, 0.06) if r.rand() < 0.3 else 0.0]
    if r.rand() < 0.2:  # a tripod
        zoom[1], centre[1], roll[1] = zoom[0], centre[0], roll[0]
    shake = r.uniform(0, 2.0) if r.rand() < 0.4 else 0.0
    homographies = []
    for i in range(frames):
        t = i / max(1, frames - 1)
        t = t * t * (3 - 2 * t)
        at = lambda pair: pair[0] + (pair[1] - pair[0]) * t
        x, y = (centre[0][k] + (centre[1][k] - centre[0][k]) * t for k in (0, 1))
        tremble = np.array([[1, 0, r.randn() * shake / 3], [0, 1, r.randn() * shake / 3], [0, 0, 1.0]])
        homographies.append(_view(fit * at(zoom), x, y, at(roll)) @ tremble)
    return homographies


def _centre(r, bw, bh, scale):
    half_w, half_h = WIDTH / 2 / scale, HEIGHT / 2 / scale
    x = r.uniform(half_w, bw - half_w) if bw > 2 * half_w else bw / 2
    y = r.uniform(half_h, bh - half_h) if bh > 2 * half_h else bh / 2
    return x, y


def _view(scale, x, y, roll):
    c, s = np.cos(roll) * scale, np.sin(roll) * scale
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    to_origin = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
    to_middle = np.array([[1, 0, WIDTH / 2], [0, 1, HEIGHT / 2], [0, 0, 1.0]])
    return to_middle @ turn @ to_origin

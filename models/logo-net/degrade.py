"""What a camera, its light and a codec do to a picture, at native size."""

import cv2
import numpy as np


def degrade(r, image):
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
    if r.rand() < 0.85:
        image = coded(r, image)
        if r.rand() < 0.5:  # the in-loop filter of a video codec
            image = cv2.GaussianBlur(image, (0, 0), r.uniform(0.4, 0.9))
    return np.clip(image, 0, 255)


def coded(r, image):
    """As JPEG; one time in three as coarsely as video of 0.6 Mbit/s, which at 720p leaves little of an 8x8 block."""
    quality = int(np.exp(r.uniform(np.log(5), np.log(16)) if r.rand() < 0.35 else r.uniform(np.log(12), np.log(75))))
    # Codec blocks do not stand on the sample's corner.
    shift_y, shift_x = r.randint(0, 8, 2)
    shifted = cv2.copyMakeBorder(np.clip(image, 0, 255).astype(np.uint8), shift_y, 0, shift_x, 0, cv2.BORDER_REPLICATE)
    decoded = cv2.imdecode(cv2.imencode('.jpg', shifted, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    return decoded[shift_y:, shift_x:].astype(np.float32)

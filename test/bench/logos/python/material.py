"""What scenes are made of: the split's logos and backgrounds."""

import json
import os

import cv2
import numpy as np

WIDTH, HEIGHT, FPS = 1280, 720, 25
SHARE = os.environ.get('VEDETTE_BENCH_SHARE', '/usr/share')
BACKGROUND_WIDTH = 1920


class Material:
    """Gallery logos are looked for; distractors are other brands that stand in the same scenes."""

    def __init__(self, references_dir, splits_file, split):
        splits = json.load(open(splits_file))
        brands = json.load(open(os.path.join(references_dir, 'brands.json')))
        self.dir = references_dir
        self.gallery = [brand for brand in brands if brand['role'] == 'gallery']
        self.distractors = [brand for brand in brands if brand['role'] == 'distractor']
        self.wanted = {brand['slug'] for brand in self.gallery}
        self._background_files = [os.path.join(SHARE, path) for path in splits['backgrounds'][split]]
        self._images = {}

    def logo(self, brand):
        """BGRA pixels of a brand's reference."""
        return self._read(os.path.join(self.dir, brand['slug'] + '.png'), cv2.IMREAD_UNCHANGED)

    def background(self, r):
        path = self._background_files[r.randint(len(self._background_files))]
        if path not in self._images:
            image = cv2.imread(path, cv2.IMREAD_COLOR)
            if image is None:
                raise SystemExit(f'{path} is missing: apt-get install mate-backgrounds plasma-workspace-wallpapers')
            scale = BACKGROUND_WIDTH / image.shape[1]
            self._images[path] = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        return self._images[path]

    def _read(self, path, flags):
        if path not in self._images:
            self._images[path] = cv2.imread(path, flags)
        return self._images[path]


def luma(bgr):
    return 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2]


def brand_colour(brand, image):
    """Of a mark of several colours, that of most of its ink."""
    if brand['hex'] is None:
        return np.median(image[image[..., 3] > 128][:, :3], axis=0).astype(float)
    code = brand['hex']
    return np.array([int(code[4:6], 16), int(code[2:4], 16), int(code[0:2], 16)], float)


def recoloured(bgra, bgr):
    copy = bgra.copy()
    copy[..., :3] = bgr
    return copy


def paste(image, bgra, x, y, opacity=1.0):
    h, w = bgra.shape[:2]
    a = bgra[..., 3:4].astype(np.float32) / 255 * opacity
    image[y:y + h, x:x + w] = (image[y:y + h, x:x + w] * (1 - a) + bgra[..., :3] * a).astype(np.uint8)

"""SIFT, AKAZE or ORB keypoints, the ratio test, and a homography by RANSAC (MAGSAC++). Score: matched reference points."""

import cv2
import numpy as np

from overlap import best_of_overlapping

DETECTORS = {
    'sift': lambda: cv2.SIFT_create(contrastThreshold=0.02),
    'akaze': lambda: cv2.AKAZE_create(threshold=0.0005),
    'orb': lambda: cv2.ORB_create(3000, 1.2, 10, fastThreshold=10),
}
RATIOS = {'sift': 0.8, 'akaze': 0.85, 'orb': 0.85}
REFERENCE_PX, REFERENCE_MAX_WIDTH = 220, 480
LEAST_MATCHES, LEAST_DISTINCT = 6, 5


class Keypoints:
    def __init__(self, name, references):
        self.ratio, self.detector = RATIOS[name], DETECTORS[name]()
        self.matcher = cv2.BFMatcher(cv2.NORM_L2 if name == 'sift' else cv2.NORM_HAMMING)
        self.references = []
        for brand, bgra in references:
            for image, box in _variants(bgra):
                points, descriptors = self.detector.detectAndCompute(image, None)
                if descriptors is not None and len(points) >= 4:
                    self.references.append((brand, np.float32([p.pt for p in points]), descriptors, box))

    def detect(self, grey):
        keypoints, descriptors = self.detector.detectAndCompute(grey, None)
        if descriptors is None or len(keypoints) < LEAST_MATCHES:
            return []
        points, found = np.float32([k.pt for k in keypoints]), []
        for brand, reference_points, reference_descriptors, box in self.references:
            source, target = self._matches(points, descriptors, reference_points, reference_descriptors)
            found += [(brand, score, place) for score, place in _places(source, target, box, grey.shape)]
        return best_of_overlapping(found)

    def _matches(self, points, descriptors, reference_points, reference_descriptors):
        if descriptors.dtype == np.float32:
            nearest, ok = _nearest_by_product(descriptors, reference_descriptors, self.ratio)
            return reference_points[nearest[ok]], points[ok]
        pairs = self.matcher.knnMatch(descriptors, reference_descriptors, 2)
        good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < self.ratio * p[1].distance]
        return np.float32([reference_points[m.trainIdx] for m in good]), np.float32([points[m.queryIdx] for m in good])


def _nearest_by_product(descriptors, reference, ratio):
    """The two nearest reference descriptors of each in the frame, by one matrix product (faster than the matcher)."""
    squared = (reference**2).sum(1)[:, None] + (descriptors**2).sum(1)[None] - 2 * reference @ descriptors.T
    two = np.argpartition(squared, 1, axis=0)[:2]
    distances = np.take_along_axis(squared, two, 0)
    order = np.argsort(distances, 0)
    nearest = np.take_along_axis(two, order[:1], 0)[0]
    first, second = np.take_along_axis(distances, order, 0)
    return nearest, (np.sqrt(np.maximum(first, 0)) < ratio * np.sqrt(np.maximum(second, 1e-9))) & (first < 300**2)


def _variants(bgra):
    """The reference dark on light and light on dark, on a margin."""
    scale = min(REFERENCE_PX / np.sqrt(bgra.shape[0] * bgra.shape[1]), REFERENCE_MAX_WIDTH / bgra.shape[1])
    small = cv2.resize(bgra, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    h, w = small.shape[:2]
    pad = int(0.12 * max(h, w))
    alpha = cv2.copyMakeBorder(small[..., 3].astype(np.float32) / 255, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    box = (pad, pad, pad + w, pad + h)
    return [(((1 - alpha) * 210 + 20).astype(np.uint8), box), ((alpha * 210 + 20).astype(np.uint8), box)]


def _places(source, target, box, shape):
    """Up to three places where the reference stands."""
    places = []
    for _ in range(3):
        if len(source) < LEAST_MATCHES:
            break
        homography, inliers = cv2.findHomography(source.reshape(-1, 1, 2), target.reshape(-1, 1, 2), cv2.USAC_MAGSAC, 4.0, maxIters=2000, confidence=0.999)
        if homography is None:
            break
        inliers = inliers.ravel().astype(bool)
        if inliers.sum() < LEAST_MATCHES:
            break
        x0, y0, x1, y1 = box
        quad = cv2.perspectiveTransform(np.float32([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]]), homography)[0]
        distinct = len(np.unique(source[inliers].round(), axis=0))
        if not _plausible(quad, homography, (x1 - x0) / (y1 - y0), shape) or distinct < LEAST_DISTINCT:
            break
        left, top = np.maximum(quad.min(0), 0)
        right, bottom = np.minimum(quad.max(0), [shape[1], shape[0]])
        places.append((distinct + 0.001 * inliers.sum() / len(source), (left, top, right, bottom)))
        source, target = source[~inliers], target[~inliers]
    return places


def _plausible(quad, homography, aspect, shape):
    area = cv2.contourArea(quad)
    if not cv2.isContourConvex(quad) or not 150 < area < 0.5 * shape[0] * shape[1] or np.linalg.det(homography[:2, :2]) <= 0:
        return False
    top, right, bottom, left = (np.linalg.norm(quad[i] - quad[(i + 1) % 4]) for i in range(4))
    if max(top, bottom) >= 2.2 * min(top, bottom) or max(left, right) >= 2.2 * min(left, right):
        return False
    return 0.35 < (top + bottom) / (left + right) / aspect < 2.5

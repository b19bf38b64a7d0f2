"""Overlap of boxes [x0, y0, x1, y1], and the best of those that overlap."""


def iou(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)


def best_of_overlapping(detections, limit=0.4):
    """Of detections (brand, score, box) at one place, whatever the brand, the one with the highest score."""
    kept = []
    for candidate in sorted(detections, key=lambda d: -d[1]):
        if all(iou(candidate[2], other[2]) < limit for other in kept):
            kept.append(candidate)
    return kept

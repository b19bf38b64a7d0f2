"""The methods Vedette is compared with, all of OpenCV: keypoints with RANSAC, and template matching at many scales.

Reads {"method", "references", "brands", "clips": [{"path", "frames"}]} on stdin; writes one JSON line per clip:
{"path", "frames": [{"index", "detections": [[brand, score, x0, y0, x1, y1]], "wallMs"}], "cpuS"}.
"""

import json
import sys
import time

import cv2

from keypoints import Keypoints
from templates import Templates

METHODS = {'sift': lambda refs: Keypoints('sift', refs), 'akaze': lambda refs: Keypoints('akaze', refs),
           'orb': lambda refs: Keypoints('orb', refs), 'template': Templates}


def pictures(path, wanted):
    """Grey pictures of the wanted frames (ascending indices), at full size."""
    capture, index = cv2.VideoCapture(path), 0
    for number in wanted:
        while index < number and capture.grab():
            index += 1
        ok, image = capture.read()
        index += 1
        if not ok:
            raise SystemExit(f'{path} has no frame {number}')
        yield number, cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def main():
    cv2.setNumThreads(1)
    cv2.setRNGSeed(1)
    job = json.load(sys.stdin)
    references = [(slug, cv2.imread(f'{job["references"]}/{slug}.png', cv2.IMREAD_UNCHANGED)) for slug in job['brands']]
    method = METHODS[job['method']](references)
    for clip in job['clips']:
        frames, cpu_s = [], 0.0
        for index, grey in pictures(clip['path'], clip['frames']):
            cpu, wall = time.process_time(), time.perf_counter()
            found = method.detect(grey)
            cpu_s += time.process_time() - cpu
            wall_ms = (time.perf_counter() - wall) * 1000
            detections = [[brand, float(score), *map(float, box)] for brand, score, box in found]
            frames.append({'index': index, 'detections': detections, 'wallMs': wall_ms})
        print(json.dumps({'path': clip['path'], 'frames': frames, 'cpuS': cpu_s}), flush=True)


if __name__ == '__main__':
    main()

"""Holds networks against each other on synthetic samples of the val split: brands and backgrounds that training never saw.

python3 compare.py --refs DIR --splits ../../test/bench/logos/splits.json net net_new
"""

import argparse

import cv2
import numpy as np
import torch

from marks import TEMPLATE_CELLS
from samples import HEAD_ON, SEARCH, Material, batch
from train import correlate, load


def scores(net, scenes, canvases, masks, centres):
    """Per sample: the own kernel's best score at the logo, and the best scores of everything that is wrong."""
    features, _ = net.features(scenes[:, None])
    found = correlate(features, net.kernels(canvases[:, None], masks))
    corner = centres - TEMPLATE_CELLS / 2
    ys, xs = np.mgrid[:found.shape[-1], :found.shape[-1]]
    right, wrong = [], []
    for i in range(len(scenes)):
        distance = np.maximum(abs(xs - corner[i, 0].item()), abs(ys - corner[i, 1].item()))
        own = found[i, i].numpy()
        right.append(own[distance <= 1].max())
        wrong.append([own[distance >= 4].max(), *(found[i, j].max().item() for j in range(len(scenes)) if j != i)])
    return right, wrong


def average_precision(right, wrong):
    """One threshold for all brands: every kernel's best score in every scene is a claim."""
    claims = sorted([(s, 1) for s in right] + [(s, 0) for row in wrong for s in row], reverse=True)
    hits = np.cumsum([c[1] for c in claims])
    precision = hits / np.arange(1, len(claims) + 1)
    return float((precision * [c[1] for c in claims]).sum() / len(right))


def operating_point(right, wrong, precision=0.95):
    """The lowest score from which on this share of the claims is right, and the share of logos found there."""
    claims = sorted([(s, 1) for s in right] + [(s, 0) for row in wrong for s in row], reverse=True)
    hits = np.cumsum([c[1] for c in claims])
    good = np.nonzero(hits / np.arange(1, len(claims) + 1) >= precision)[0]
    return (claims[good[-1]][0], hits[good[-1]] / len(right)) if len(good) else (float('nan'), 0.0)


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--refs', required=True)
    parser.add_argument('--splits', required=True)
    parser.add_argument('--batches', type=int, default=30)
    parser.add_argument('nets', nargs='+')
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    material = Material(options.refs, options.splits, 'val')
    for name, kind in (('search', SEARCH), ('head on', HEAD_ON)):
        r = np.random.RandomState(5)
        batches = [[torch.from_numpy(part) for part in batch(r, material, 24, kind)] for _ in range(options.batches)]
        for path in options.nets:
            net = load(path)
            with torch.no_grad():
                rows = [scores(net, *parts) for parts in batches]
            right, wrong = [s for a, _ in rows for s in a], [w for _, b in rows for w in b]
            first = np.mean([s > max(row) for s, row in zip(right, wrong)])
            score, recall = operating_point(right, wrong)
            print(f'{path}, {name}: first {first:.3f}, average precision {average_precision(right, wrong):.3f}, mean score {np.mean(right):.3f}, recall {recall:.3f} at 95 % precision (score {score:.3f}), samples {len(right)}')

"""Fine-tunes the logo network (README.md). Writes OUT.bin and OUT.json, the two files the analyzer loads.

python3 train.py --refs DIR --splits ../../test/bench/logos/splits.json --start net --out net_new --minutes 45
"""

import argparse
import copy
import json
import os
import time
from multiprocessing import Process, Queue

import cv2
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from marks import TEMPLATE_CELLS
from samples import Material, batch


class LogoNet(nn.Module):
    """The layers of net.json: convolutions with bias (batch norm is folded), features 1x1, attention 1x1."""

    def __init__(self, layers, weights):
        super().__init__()
        self.layers = layers
        self.convs = nn.ModuleList()
        for layer in layers:
            out, inp, k, _ = layer['shape']
            conv = nn.Conv2d(inp, out, k, layer['stride'], k // 2)
            count = out * inp * k * k
            conv.weight.data = torch.from_numpy(weights[layer['off']:layer['off'] + count].reshape(layer['shape']).copy())
            conv.bias.data = torch.from_numpy(weights[layer['off'] + count:layer['off'] + count + out].copy())
            self.convs.append(conv)
        self.log_scale = nn.Parameter(torch.tensor(3.2))
        self.threshold = nn.Parameter(torch.tensor(0.5))

    def features(self, x):
        def local_mean(y):
            return F.interpolate(F.avg_pool2d(F.avg_pool2d(y, 8, 8, ceil_mode=True), 5, 1, 2, count_include_pad=False), size=y.shape[-2:], mode='bilinear', align_corners=False)

        x = x - local_mean(x)
        x = x / (local_mean(x * x).clamp(min=0).sqrt() + 0.04)
        for conv in self.convs[:-2]:
            x = F.relu(conv(x))
        return F.normalize(self.convs[-2](x), dim=1), x

    def kernels(self, canvas, mask):
        features, hidden = self.features(canvas)
        weight = (F.softplus(self.convs[-1](hidden)) + 1e-6) * mask[:, None]
        return features * (weight / weight.sum((2, 3), keepdim=True))

    def save(self, path):
        parts = [t.detach().numpy().ravel() for conv in self.convs for t in (conv.weight, conv.bias)]
        np.concatenate(parts).astype('<f4').tofile(path + '.bin.part')
        json.dump(self.layers, open(path + '.json', 'w'))
        os.replace(path + '.bin.part', path + '.bin')


def load(path):
    return LogoNet(json.load(open(path + '.json')), np.fromfile(path + '.bin', '<f4'))


def correlate(features, kernels):
    """conv2d of every scene with every kernel, by FFT: eight times faster with kernels of 24 x 24."""
    h, w = features.shape[-2:]
    spectrum = torch.einsum('sdyx,kdyx->skyx', torch.fft.rfft2(features), torch.fft.rfft2(kernels, s=(h, w)).conj())
    return torch.fft.irfft2(spectrum, s=(h, w))[..., :h - TEMPLATE_CELLS + 1, :w - TEMPLATE_CELLS + 1]


def losses(net, scenes, canvases, masks, centres):
    """Contrast over places and brands, and one threshold for all brands.

    The first two terms say that a kernel wins at its place against every other place, brand and scene. The last one says so
    in absolute scores, because the product has one threshold for all brands.
    """
    features, _ = net.features(scenes[:, None])
    scores = correlate(features, net.kernels(canvases[:, None], masks))  # scene x brand x place
    size, n = len(scenes), scores.shape[-1]
    corner = centres - TEMPLATE_CELLS / 2
    ys, xs = torch.meshgrid(torch.arange(n), torch.arange(n), indexing='ij')
    dx, dy = (xs[None] - corner[:, 0, None, None]).abs(), (ys[None] - corner[:, 1, None, None]).abs()
    here, about = (dx <= 1) & (dy <= 1), (dx < 4) & (dy < 4)
    own = torch.arange(size)
    scaled = scores * net.log_scale.exp()
    hit = torch.logsumexp(scaled[own, own].masked_fill(~here, -1e9).flatten(1), 1) - np.log(4)
    elsewhere = scaled[own, own].masked_fill(about, -1e9).flatten(1)
    others = scaled.masked_fill(torch.eye(size, dtype=torch.bool)[:, :, None, None], -1e9)
    by_scene = torch.cat([hit[:, None], elsewhere, others.flatten(1)], 1)
    by_brand = torch.cat([hit[:, None], others.permute(1, 0, 2, 3).flatten(1)], 1)
    contrast = (torch.logsumexp(by_scene, 1) - hit).mean() + (torch.logsumexp(by_brand, 1) - hit).mean()
    best = scores[own, own].masked_fill(~here, -1).flatten(1).max(1)[0]
    wrong = scores.masked_fill(torch.eye(size, dtype=torch.bool)[:, :, None, None] & about[:, None], -1).flatten(2).max(2)[0].flatten()
    hardest = wrong.topk(size * 3)[0]
    absolute = F.softplus(25 * (net.threshold - best)).mean() + F.softplus(25 * (hardest - net.threshold)).mean()
    first = (hit > torch.maximum(elsewhere.max(1)[0], others.flatten(1).max(1)[0])).float().mean()
    return contrast + 0.5 * absolute, first.item()


def feed(queue, seed, options):
    cv2.setNumThreads(1)
    r = np.random.RandomState(seed)
    material = Material(options.refs, options.splits)
    while True:
        queue.put(batch(r, material, options.batch))


def train(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    queue = Queue(6)
    workers = [Process(target=feed, args=(queue, options.seed + i, options), daemon=True) for i in range(options.workers)]
    for worker in workers:
        worker.start()
    net = load(options.start)
    average = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    started, step, loss_mean, first_mean = time.time(), 0, None, 0.0
    while True:
        done = (time.time() - started) / (options.minutes * 60)
        if done >= 1:
            break
        rate = options.rate * min(1, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done))
        for group in optimizer.param_groups:
            group['lr'] = rate
        loss, first = losses(net, *(torch.from_numpy(part) for part in queue.get()))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for mean, current in zip(average.parameters(), net.parameters()):
                mean.lerp_(current, 1 - keep)
        loss_mean = loss.item() if loss_mean is None else 0.98 * loss_mean + 0.02 * loss.item()
        first_mean = 0.98 * first_mean + 0.02 * first
        if step % 50 == 0:
            print(f'{step} loss {loss_mean:.3f} first {first_mean:.3f} scale {net.log_scale.exp().item():.1f} threshold {net.threshold.item():.3f} queue {queue.qsize()} {time.time() - started:.0f} s', flush=True)
        step += 1
        if step % 250 == 0:
            average.save(options.out)
    average.save(options.out)
    for worker in workers:
        worker.terminate()


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    for name in ('refs', 'splits', 'start', 'out'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--minutes', type=float, default=45)
    parser.add_argument('--rate', type=float, default=1e-3)
    parser.add_argument('--batch', type=int, default=24)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--workers', type=int, default=1)
    parser.add_argument('--seed', type=int, default=100)
    train(parser.parse_args())

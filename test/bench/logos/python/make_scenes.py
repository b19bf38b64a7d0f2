"""Makes clips with known logos, and their truth. Called by the benchmark; see docs/reference/analyzers/logo-benchmark.md.

python3 make_scenes.py --references DIR --splits splits.json --split val --source simple-icons --track O --from 0 --to 9 --out DIR
"""

import argparse
import json
import os
import subprocess

import cv2
import numpy as np

import camera
from material import FPS, HEIGHT, WIDTH, Material
from overlay import Overlay
from signs import Sign, truth

SECONDS = 6
BITRATES_KBPS = [600, 1500, 4000]
SEEDS = {'O': 100000, 'S': 200000, 'val': 10000, 'test': 20000, 'simple-icons': 0, 'mixed': 30000, 'unseen': 50000}


def make_clip(material, source, track, split, index, out):
    seed = SEEDS[track] + SEEDS[split] + SEEDS[source] + index
    r = np.random.RandomState(seed)
    frames = FPS * SECONDS
    cuts = sorted(r.choice(np.arange(20, frames - 20), r.randint(0, 3), replace=False).tolist())
    bitrate = BITRATES_KBPS[index % len(BITRATES_KBPS)]
    path = os.path.join(out, f'{track}_{split}_{index:03d}')
    encoder = start_encoder(path + '.part.mp4', bitrate)
    overlay = Overlay(r, material, frames) if track == 'O' else None
    truths = []
    for begin, end in zip([0] + cuts, cuts + [frames]):
        shot = Shot(r, material, track, end - begin)
        for i in range(end - begin):
            image, seen = shot.frame(i, seed * 1000 + begin + i)
            seen = [entry for entry in (truth(logo, material.wanted) for logo in seen) if entry]
            if overlay:
                # Signs in a clip about overlays are company, not what is looked for there.
                for entry in seen:
                    entry['ignore'] = True
                bug = overlay.draw(image, begin + i, material.wanted)
                seen += [bug] if bug else []
            truths.append(seen)
            encoder.stdin.write(image.tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise SystemExit(f'ffmpeg could not encode {path}.mp4')
    facts = {'widthPx': WIDTH, 'heightPx': HEIGHT, 'fps': FPS, 'seed': seed, 'track': track, 'bitrateKbps': bitrate, 'cuts': cuts}
    json.dump({**facts, 'overlay': overlay.facts() if overlay else None, 'frames': truths}, open(path + '.json', 'w'))
    os.replace(path + '.part.mp4', path + '.mp4')


class Shot:
    """What lies between two cuts: a background, its signs, light, noise, blur and loose text."""

    def __init__(self, r, material, track, frames):
        self.background = material.background(r)
        self.views = camera.path(r, self.background, frames)
        self.gain, self.noise = r.uniform(0.6, 1.15), r.uniform(0, 5)
        signs = r.randint(1, 4) if track == 'S' else int(r.rand() < 0.25)
        self.signs = [Sign(r, material, self.views[frames // 2]) for _ in range(signs)]
        self.blur = float(r.choice([0, 0, 0, 0.8, 1.5, 2.5]))
        self.texts, self.text_seed = r.randint(0, 4), r.randint(1 << 30)

    def frame(self, i, noise_seed):
        image = cv2.warpPerspective(self.background, self.views[i], (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        placed = []
        for sign in self.signs:
            sign.draw(image, self.views[i], i, placed)
        r = np.random.RandomState(self.text_seed)
        for _ in range(self.texts):
            loose_text(r, image)
        if self.blur:
            image = cv2.GaussianBlur(image, (0, 0), self.blur)
        image = cv2.convertScaleAbs(image, alpha=self.gain)
        if self.noise > 0.5:
            grain = np.random.RandomState(noise_seed % (1 << 32)).randn(HEIGHT // 2, WIDTH // 2, 1) * self.noise
            grain = grain.repeat(2, 0).repeat(2, 1).astype(np.int16)
            image = cv2.add(image.astype(np.int16), grain.repeat(3, 2)).clip(0, 255).astype(np.uint8)
        return image, placed


def loose_text(r, image):
    letters = list('ABCDEFGHIKLMNOPRSTUVWYZ abcdefghiklmnoprstuvwyz 0123456789')
    line = ''.join(r.choice(letters, r.randint(6, 26)))
    place = int(r.randint(0, WIDTH - 200)), int(r.randint(40, HEIGHT - 10))
    font, size, colour = int(r.choice([0, 1, 2, 3, 4])), r.uniform(0.5, 1.6), tuple(int(x) for x in r.randint(0, 256, 3))
    cv2.putText(image, line, place, font, size, colour, int(r.randint(1, 4)), cv2.LINE_AA)


def start_encoder(path, bitrate):
    source = ['-f', 'rawvideo', '-pix_fmt', 'bgr24', '-s', f'{WIDTH}x{HEIGHT}', '-r', str(FPS), '-i', '-']
    # One thread: x264 gives other pictures with another number of threads.
    codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-pix_fmt', 'yuv420p', '-g', '50']
    rate = ['-b:v', f'{bitrate}k', '-maxrate', f'{int(bitrate * 1.5)}k', '-bufsize', f'{bitrate * 2}k']
    return subprocess.Popen(['ffmpeg', '-v', 'error', '-y', *source, *codec, *rate, path], stdin=subprocess.PIPE)


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    for name in ('references', 'splits', 'split', 'source', 'track', 'out'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--from', type=int, required=True, dest='first')
    parser.add_argument('--to', type=int, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    os.makedirs(options.out, exist_ok=True)
    scene_material = Material(options.references, options.splits, options.split)
    for number in range(options.first, options.to):
        make_clip(scene_material, options.source, options.track, options.split, number, options.out)

"""How well each trivial cue alone separates live from attack in a simulated world, domain by domain.

    python benchmarks/simulate/cues.py --scale tiny --out /some/folder [--frames 13]

Writes the world where it is missing, cuts the faces by their true points, and prints the AUC of each cue and the
number of pictures a class. 0.5 says nothing; the world is held to stay within 0.25 and 0.75 on 300 pictures a class.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from sincera.cli.progress import bar
from sincera.clip import Clip
from sincera.data.sources import read_clips
from sincera.faces import CUES, DEFAULT_SPEC, crop, cues
from sincera.measures.rates import auc
from sincera.media import Sampling, read_frames
from sincera.simulate.marks import face_of
from sincera.simulate.scene import Anchor
from sincera.simulate.truth import read_truth, truth_path
from sincera.simulate.world import write_world

BEYOND = 0.75
NAMES = (*CUES, "face_size", "picture_size", "file_size")


def measured(clip: Clip, frames: int) -> list[dict[str, float]]:
    """The cues of some frames of a clip; file size is the clip's per pixel, picture size that of a crop's JPEG."""
    truth = read_truth(truth_path(clip.path))
    count = len(truth.points)
    rows = []
    for frame in read_frames(clip.path, Sampling(frames).indices(count)):
        face = face_of(truth.points[frame.index])
        assert face is not None, "a simulated frame always knows its face"
        picture = crop(frame.image, face, DEFAULT_SPEC)
        packed = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        sizes = {"face_size": Anchor.of(face.points).span, "picture_size": float(packed.size)}
        rows.append(cues(picture) | sizes | {"file_size": clip.path.stat().st_size / count / np.prod(truth.size)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scale", default="tiny")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--domains", default="OCIM")
    parser.add_argument("--frames", type=int, default=16, help="at most so many of a clip")
    given = parser.parse_args()
    roots = write_world(given.out, scale=given.scale, seed=given.seed, domains=given.domains, track=bar)
    print(f"{'cue':14s}" + "".join(f"{domain:>8s}" for domain in roots))
    table: dict[str, dict[str, float]] = {name: {} for name in NAMES}
    counts = {}
    for domain, root in roots.items():
        clips = read_clips(domain, domain, root).clips
        rows = [(row, clip.label.number) for clip in bar(clips, domain) for row in measured(clip, given.frames)]
        labels = np.array([label for _, label in rows])
        counts[domain] = f"{(labels == 0).sum()}/{(labels == 1).sum()}"
        for name in NAMES:
            table[name][domain] = auc([row[name] for row, _ in rows], labels)
    for name, values in table.items():
        print(f"{name:14s}" + "".join(f"{value:8.3f}" for value in values.values()))
    print(f"{'live/attack':14s}" + "".join(f"{count:>8s}" for count in counts.values()))
    worst = max((max(value, 1 - value), name, domain) for name, row in table.items() for domain, value in row.items())
    print(f"farthest from 0.5: {worst[1]} in {worst[2]}, {worst[0]:.3f} (held to {BEYOND})")


if __name__ == "__main__":
    main()

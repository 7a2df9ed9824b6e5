"""The simulated faces that come with the package, on which an adapted model must not have forgotten what it knew.

    sincera simulate WORLD --scale tiny
    python -m benchmarks.default.kept --world WORLD

One frame each of live clips and of attacks, evenly over the four cameras and every species; rendered people only.
Writes src/sincera/fit/assets/simulated.npz, which `sincera.fit.kept` reads.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from sincera.clip import Clip
from sincera.data.sources import parse_roots, read_clips
from sincera.media import Sampling, read_frames

OUT = Path(__file__).parents[2] / "src/sincera/fit/assets/simulated.npz"
LONGER, QUALITY = 400, 90  # pixels, JPEG


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--each", type=int, default=4, help="clips of each species of a domain")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    roots = parse_roots([f"{domain}={asked.world / domain}" for domain in "OCIM"])
    clips = chosen([clip for root in roots for clip in read_clips(*root).clips], asked.each)
    pictures = [picture(clip) for clip in clips]
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        asked.out,
        bytes=np.frombuffer(b"".join(pictures), np.uint8),
        ends=np.cumsum([len(one) for one in pictures]),
        label=np.array([clip.label.number for clip in clips], np.int64),
        species=np.array([f"{clip.domain} {clip.attack}".strip() for clip in clips]),
        person=np.array([clip.person for clip in clips]),
    )
    print(f"{asked.out}: {len(clips)} pictures, {asked.out.stat().st_size} bytes")


def chosen(clips: list[Clip], each: int) -> list[Clip]:
    """The first clips of each domain and species, people in turn."""
    cells: dict[tuple[str, str], dict[str, list[Clip]]] = defaultdict(lambda: defaultdict(list))
    for clip in clips:
        cells[clip.domain, clip.attack][clip.person].append(clip)
    found = []
    for (_, attack), people in sorted(cells.items()):
        turns = [several[turn] for turn in range(99) for several in people.values() if turn < len(several)]
        found += turns[: each if attack else 2 * each]
    return found


def picture(clip: Clip) -> bytes:
    """The middle frame as JPEG."""
    (frame,) = read_frames(clip.path, Sampling(1))
    image = frame.image
    scale = LONGER / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


if __name__ == "__main__":
    main()

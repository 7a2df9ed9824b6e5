"""What made heads are worth: speed, faces found, points against the truth, and how alike people are.

    python benchmarks/simulate/heads.py --people 50
    python benchmarks/simulate/heads.py --people 200 --recogniser mobilefacenet.onnx --sheet heads.png

The recogniser is any ONNX net for aligned 112 × 112 RGB faces, (x − 127.5) / 128; without it that part is left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.faces import open_detector
from sincera.simulate.heads import (
    PARTS,
    Expression,
    Pose,
    Rendered,
    front_lights,
    make_person,
    random_lights,
    render,
    window_lights,
)

# Where eyes, nose and mouth lie in a 112 × 112 face for recognition.
ALIGNED = np.array([[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]], np.float32)


def developed(shown: Rendered, ground: float = 0.36) -> NDArray[np.uint8]:
    """A plain exposure on grey: the face's median to 0.24, sRGB."""
    face = shown.parts == PARTS.index("skin")
    median = float(np.median(shown.rgb[face].mean(1))) if face.any() else 0.24
    light = shown.rgb * (0.24 / max(median, 1e-3)) ** 0.75 + (1 - shown.alpha[..., None]) * ground
    light = np.clip(light / (1 + 0.25 * light) * 1.12, 0, 1)
    return (np.where(light < 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255).astype(np.uint8)


def speed(rounds: int = 30) -> None:
    started = time.perf_counter()
    render(make_person(0), Pose(), Expression(), front_lights(), size=(64, 64))
    print(f"first person and picture, loading or compiling the loops: {time.perf_counter() - started:.1f} s")
    times = []
    for seed in range(1, 9):
        started = time.perf_counter()
        person = make_person(seed)
        times.append(time.perf_counter() - started)
    print(f"new person: median {np.median(times):.2f} s")
    for size in (128, 256, 512):
        times = []
        for k in range(rounds):
            started = time.perf_counter()
            render(person, Pose(yaw=k - 15), Expression(smile=0.3), window_lights(), size=(size, size))
            times.append(time.perf_counter() - started)
        middle, late = np.quantile(times, [0.5, 0.95]) * 1000
        print(f"frame {size} × {size}, 2 × 2 samples, one thread: median {middle:.1f} ms, p95 {late:.1f} ms")


def faces(people: int, detector: str, recogniser: Path | None, sheet: Path | None) -> None:
    finder = open_detector(detector)
    found, shown_count, errors, ratios, embeddings, owners, pictures = 0, 0, [], [], [], [], []
    for seed in range(people):
        person = make_person(seed)
        for k, size in enumerate((128, 192, 256, 360)):
            rng = np.random.default_rng([seed, k])
            turned = Pose(rng.uniform(-30, 30), rng.normal(0, 7), rng.normal(0, 6), scale=rng.uniform(0.11, 0.25))
            pose = Pose() if k == 2 else turned
            expression = Expression(smile=max(0.0, rng.normal(0, 0.4)), blink=float(rng.random() < 0.05))
            truth = render(person, pose, expression, random_lights(rng), size=(size, size))
            picture = developed(truth)
            if k == 2:
                pictures.append(picture)
            apart = pose.scale * size
            shown_count += 1
            for face in finder.detect(picture):
                if np.linalg.norm(face.points.mean(0) - truth.points.mean(0)) < apart:
                    found += 1
                    errors.append(np.linalg.norm(face.points - truth.points, axis=1) / apart)
                    if k == 2:
                        eyes, mouth = face.points[:2], face.points[3:]
                        ratios.append(np.linalg.norm(eyes.mean(0) - mouth.mean(0)) / np.linalg.norm(eyes[0] - eyes[1]))
                    if k > 0 and recogniser is not None:
                        embeddings.append(embedded(picture, face.points, recogniser))
                        owners.append(seed)
                    break
    print(f"{detector}: found {found} of {shown_count} faces ({people} people, 128 … 360 px, yaw up to 30°)")
    print(
        f"points against the truth, eye distances: median {np.median(errors):.3f}, each {np.median(errors, 0).round(3)}"
    )
    print(f"eyes to mouth over eye to eye, as detected: median {np.median(ratios):.2f}")
    if embeddings:
        likeness(np.stack(embeddings), np.array(owners))
    if sheet is not None:
        rows = [np.hstack(pictures[i : i + 8]) for i in range(0, len(pictures) - 7, 8)]
        cv2.imwrite(str(sheet), np.vstack(rows)[:, :, ::-1])


def embedded(picture: NDArray[np.uint8], points: NDArray[np.float32], recogniser: Path) -> NDArray[np.float32]:
    import onnxruntime

    if recogniser not in _NETS:
        _NETS[recogniser] = onnxruntime.InferenceSession(str(recogniser))
    net = _NETS[recogniser]
    affine, _ = cv2.estimateAffinePartial2D(points, ALIGNED, method=cv2.LMEDS)
    face = (cv2.warpAffine(picture, affine, (112, 112)).astype(np.float32) - 127.5) / 128
    vector = net.run(None, {net.get_inputs()[0].name: face.transpose(2, 0, 1)[None]})[0][0]
    return vector / np.linalg.norm(vector)


_NETS: dict[Path, object] = {}


def likeness(embeddings: NDArray[np.float32], owners: NDArray[np.int64]) -> None:
    cosines, same = embeddings @ embeddings.T, owners[:, None] == owners[None]
    pairs = ~np.eye(len(owners), dtype=bool)
    own, others = cosines[same & pairs], cosines[~same]
    print(f"recognition: same person {own.mean():.2f} (5 % below {np.quantile(own, 0.05):.2f}), "
          f"different people {others.mean():.2f} (5 % above {np.quantile(others, 0.95):.2f})")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--recogniser", type=Path)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    options = parser.parse_args()
    speed()
    faces(options.people, options.detector, options.recogniser, options.sheet)


if __name__ == "__main__":
    main()

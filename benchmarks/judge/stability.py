"""Does the outcome hold when the face's box moves a little, or the crop goes through JPEG?  For live pictures.

python -m benchmarks.judge.stability --live DIR [--live DIR ...] [--every 6] [--model FILE]

Each picture's box is made 0.9 and 1.1 times as large and moved by a tenth of its side in x and y; said is the share of
outcomes that stay, how far scores move (log-odds), and what JPEG (quality 95, 4:4:4, as crops are stored) does to them.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from sincera.data.prepare.clip import encode
from sincera.faces import Face, as_input, crop
from sincera.judge import Judge
from sincera.media import read_picture, sniff
from sincera.model import Session, log_odds

MOVES = {
    "size x 0.9": (0.9, 0.0, 0.0),
    "size x 1.1": (1.1, 0.0, 0.0),
    "left 10 %": (1.0, -0.1, 0.0),
    "right 10 %": (1.0, 0.1, 0.0),
    "up 10 %": (1.0, 0.0, -0.1),
    "down 10 %": (1.0, 0.0, 0.1),
}


def moved(face: Face, scale: float, across: float, down: float) -> Face:
    """The face with its box scaled about its centre and moved by shares of its sides; points go with it."""
    x, y = face.centre
    middle = np.array([x, y])
    shift = np.array([across * face.width, down * face.height])
    half = np.array([face.width, face.height]) * scale / 2
    points = (face.points - middle) * scale + middle + shift
    return Face(np.concatenate([middle + shift - half, middle + shift + half]), points, face.confidence)


def faces(judge: Judge, folder: Path, every: int) -> Iterator[tuple[np.ndarray, Face]]:
    """Every so many pictures below the folder in which there is a face."""
    for path in [one for one in sorted(folder.rglob("*")) if one.is_file() and sniff(one) == "picture"][::every]:
        image = read_picture(path)
        found = judge.look(image).sights[0]
        if found.reason is None and found.face is not None:
            yield image, found.face


def after_jpeg(session: Session, found: list[tuple[np.ndarray, Face]]) -> np.ndarray:
    """Scores (N,) of the crops as a store would give them back."""
    inputs = {}
    for member in session.spec.networks:
        stored = [encode(crop(image, face, member.view), 95) for image, face in found]
        read = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1] for data in stored]
        inputs[member.name] = as_input(np.stack(read), member.view)
    return session.scores(inputs).score


def measured(judge: Judge, folder: Path, every: int) -> dict[str, object]:
    """Shares and moves for one folder."""
    found = list(faces(judge, folder, every))
    outcome = np.vectorize(lambda score: judge.decision.outcome(score).value)
    link = judge.decision.link
    session = Session(judge.model)
    base = session.score_faces(found).score
    rows = {
        name: session.score_faces([(image, moved(face, *move)) for image, face in found]).score
        for name, move in MOVES.items()
    }
    rows["jpeg"] = after_jpeg(session, found)
    steps = {name: np.abs(log_odds(row, link) - log_odds(base, link)) for name, row in rows.items()}
    stays = {name: outcome(row) == outcome(base) for name, row in rows.items()}
    box = np.stack([stays[name] for name in MOVES])
    return {
        "pictures": len(found),
        "live": round(float((outcome(base) == "live").mean()), 4),
        "stays_all_moves": round(float(box.all(axis=0).mean()), 4),
        "stays_a_move": round(float(box.mean()), 4),
        "stays": {name: round(float(one.mean()), 4) for name, one in stays.items()},
        "median_move_log_odds": {name: round(float(np.median(one)), 3) for name, one in steps.items()},
        "p95_move_log_odds": {name: round(float(np.percentile(one, 95)), 3) for name, one in steps.items()},
        "largest_jpeg_change_of_score": round(float(np.abs(rows["jpeg"] - base).max()), 5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--live", type=Path, action="append", required=True)
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    judge = Judge.load(arguments.model, largest=True)
    for folder in arguments.live:
        record = {"set": folder.parent.name, "model": judge.model.id.to_dict()}
        print(json.dumps(record | measured(judge, folder, arguments.every), indent=1))


if __name__ == "__main__":
    main()

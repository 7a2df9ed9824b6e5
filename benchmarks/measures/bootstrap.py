"""Intervals over people for many scores, against the plain loop that scikit-learn's users write.

python benchmarks/measures/bootstrap.py --scores 10000000 --rounds 200 --people 1000 --plain-rounds 4

Arrays are in memory; reading a file is apart. Both sides give AUC, EER and the rates at one threshold in each resample
of people. The plain loop runs --plain-rounds of the rounds and its time is scaled up, since its rounds are alike.
One process a side, so that each has its own peak memory. Prints JSON.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time

import numpy as np

THRESHOLD = 0.75


def made_up(scores: int, people: int) -> dict[str, np.ndarray]:
    """Overlapping normal scores; each person has a level of his own. people = 0: no subjects."""
    random = np.random.default_rng(0)
    label = (random.random(scores) < 0.75).astype(np.int8)
    owner = random.integers(max(people, 1), size=scores)
    own_level = random.normal(0, 0.3, max(people, 1))
    species = random.integers(3, size=scores)
    return {
        "label": label,
        "score": random.normal(1.5 * label, 1) + own_level[owner],
        "owner": owner,
        "species": species,
    }


def ours(data: dict[str, np.ndarray], people: int, rounds: int) -> dict[str, object]:
    from sincera.measures import ScoreTable, Threshold, measure

    names = np.array([f"person {n}" for n in range(people)], dtype=object)
    subject = names[data["owner"]] if people else None
    attack = np.array(["print", "display", "mask"], dtype=object)[data["species"]]
    table = ScoreTable(data["label"], data["score"], subject=subject, attack=attack)
    start = time.perf_counter()
    found = measure(table, Threshold(THRESHOLD, "eer", "made up"), rounds=rounds)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "auc": found.auc,
        "auc_interval": found.intervals["auc"],
        "eer_interval": found.intervals["eer"],
        "bpcer_interval": found.intervals["bpcer"],
        "notes": found.notes,
    }


def plain(data: dict[str, np.ndarray], people: int, rounds: int) -> dict[str, object]:
    from sklearn.metrics import roc_auc_score, roc_curve

    label, score, species = data["label"], data["score"], data["species"]
    random = np.random.default_rng(0)
    order = np.argsort(data["owner"], kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(data["owner"], minlength=people))[:-1]) if people else None
    found = []
    start = time.perf_counter()
    for _ in range(rounds):
        if rows_of is None:
            rows = random.integers(len(label), size=len(label))
        else:
            rows = np.concatenate([rows_of[n] for n in random.integers(people, size=people)])
        y, s, kind = label[rows], score[rows], species[rows]
        fpr, tpr, _ = roc_curve(y, s, drop_intermediate=False)
        best = np.argmin(np.abs(fpr + tpr - 1))
        accepted = s <= THRESHOLD
        apcer = [accepted[(y == 1) & (kind == n)].mean() for n in range(3)]
        found.append((roc_auc_score(y, s), (fpr[best] + 1 - tpr[best]) / 2, (~accepted)[y == 0].mean(), max(apcer)))
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "mean_of": rounds, "auc": float(np.mean([one[0] for one in found]))}


def side(name: str, options: argparse.Namespace) -> dict[str, object]:
    """One side in a process of its own."""
    command = [sys.executable, __file__, "--side", name]
    for key in ("scores", "rounds", "people", "plain_rounds"):
        command += [f"--{key.replace('_', '-')}", str(getattr(options, key))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--people", type=int, default=1000, help="0: no subjects, rows are resampled")
    parser.add_argument("--plain-rounds", type=int, default=4)
    parser.add_argument("--side", choices=("ours", "plain"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        data = made_up(options.scores, options.people)
        run, rounds = (ours, options.rounds) if options.side == "ours" else (plain, options.plain_rounds)
        found = run(data, options.people, rounds)
        found["peak_gib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
        print(json.dumps(found))
        return
    measured = side("ours", options)
    loop = side("plain", options)
    scaled = loop["seconds"] * options.rounds / options.plain_rounds
    result = {
        "scores": options.scores,
        "rounds": options.rounds,
        "people": options.people,
        "sincera": measured,
        "scikit_learn": loop | {"seconds_scaled": scaled},
        "ratio": round(scaled / measured["seconds"], 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {np.__version__}",
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

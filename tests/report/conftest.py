"""Run folders written by hand, as a training leaves them."""

import csv
import json

import numpy as np
import pytest

SPECIES = ("cut", "video", "warped")


def write_scores(path, generator, shift, *, people=6, silent=0):
    """Two frames a clip: each person live once and attacked with every species; `silent` lives have no score."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["clip", "domain", "subject", "attack", "label", "score", "frame"])
        for person in range(people):
            for number, attack in enumerate(("", *SPECIES)):
                middle = generator.normal(0 if attack == "" else shift + 0.5 * number, 1)
                for frame in (0, 9):
                    score = 1 / (1 + np.exp(-(middle + generator.normal(0, 0.2))))
                    empty = attack == "" and person < silent
                    name = f"test/{person}/{attack or 'live'}.avi"
                    label = "attack" if attack else "live"
                    writer.writerow([name, "M", person, attack, label, "" if empty else score, frame])


def measures(hter, *, auc=0.93, low=0.88):
    return {
        "auc": auc,
        "eer": hter,
        "hter": hter,
        "apcer_max": 0.3,
        "apcer": {"cut": 0.1, "video": 0.3, "warped": 0.0},
        "bpcer": 0.05,
        "threshold": 0.6,
        "rule": "eer",
        "n_live": 6,
        "n_attack": 18,
        "non_response": 0,
        "intervals": {"hter": [hter - 0.04, hter + 0.05], "auc": [low, 0.97], "bpcer": [0.0, 0.2]},
    }


def threshold(value, rule, fitted_on):
    return {"value": value, "rule": rule, "fitted_on": fitted_on, "subjects": 9, "clips": 36}


def policy(name, steps, figures, line, sd=None):
    return {"policy": name, "steps": steps, "evaluations": 4, "threshold": line, "measures": figures, "sd": sd}


def write_run(folder, *, method="baseline", protocol="OCI:M", seed=0, hter=0.12, policies=("ST", "LE", "TT"), **info):
    """A run of four evaluations; further keywords go into run.json."""
    generator = np.random.default_rng(seed)
    for step in (50, 100, 150, 200):
        if "ST" in policies:
            write_scores(folder / "scores" / str(step) / "dev.csv", generator, 2.0)
        write_scores(folder / "scores" / str(step) / "test.csv", generator, 1.0, silent=1)
    found = {
        "ST": policy("ST", [150], measures(hter), threshold(0.55, "eer", "O&C&I dev")),
        "LE": policy("LE", [50, 100, 150, 200], measures(hter - 0.01), None, {"hter": 0.021, "auc": 0.013}),
        "TT": policy("TT", [200], measures(hter - 0.03), threshold(0.66, "target-eer", "M test")),
    }
    cues = {"sharpness": measures(0.4, auc=0.67, low=0.5), "file_size": measures(0.48, auc=0.55, low=0.4)}
    cues["sharpness"]["intervals"]["auc"][1] = 0.8
    recipe = {"batch": 48, "seed": seed, "optimiser": {"lr": 0.01, "kind": "sgd"}, "steps": None}
    record = {
        "method": method,
        "protocol": {"name": protocol, "sources": ["O", "C", "I"], "targets": ["M"]},
        "seed": seed,
        "recipe": recipe,
        "counts": {
            "train": {"live": 18, "attack": 54, "subjects": 18, "crops": 576, "attacks": {"print": 27, "video": 27}},
            "test": {"live": 6, "attack": 18, "subjects": 6, "crops": 48},
        },
        "versions": {"python": "3.11.7", "torch": "2.14.1"},
        "commit": "1f3a5c7",
        "device": "cpu",
        "weights": [{"file": "trunk.safetensors", "sha256": "ab" * 32, "tensors": 260, "ignored": []}],
        **info,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "measures.json").write_text(
        json.dumps({"policies": {name: found[name] for name in policies}, "cues": cues, "best_cue": "sharpness"})
    )
    lines = [
        {"stage": "train", "step": step, "loss": 0.7 * 0.98**step, "lr": 0.01, "accuracy": 1 - 0.4 * 0.98**step}
        for step in range(10, 201, 10)
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture
def make_run(tmp_path):
    def make(name="run", **options):
        return write_run(tmp_path / name, **options)

    return make

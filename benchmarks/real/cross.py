"""Baseline and DTDA on real pictures: train on one real set and simulated ones, test on the other real set.

    python -m benchmarks.real.cross --nuaa DIR --webcam DIR --world DIR --weights mobilenet_v2.safetensors \
        --work DIR --out benchmarks/real [--recaptures DIR]

--world is what `sincera simulate DIR --scale tiny` writes, --recaptures what `sincera simulate DIR --live PORTRAITS`
writes of portraits: one more source domain.  V1 is the baseline, V4 learns from both packaged teachers, V5 under the
domain attack too.  Crops and weights stay in --work and are not for publication: delete them after the run.
Results: cross.json and cross.md, aggregates only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.trainings import as_markdown, prepared, train_seeds

from sincera.methods import load_method
from sincera.recipe import load_recipe

REAL = ("nuaa", "webcam")
VARIANTS = {"V1": ("baseline", ()), "V4": ("dtda", ("perturbation.kind=none",)), "V5": ("dtda", ())}
RECAPTURES = "portraits"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("nuaa", "webcam", "world", "weights", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--recaptures", type=Path)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--size", type=int, default=112)
    asked = parser.parse_args()

    named = [f"{domain}={asked.world / domain}" for domain in "OCIM"] + [f"nuaa={asked.nuaa}", f"webcam={asked.webcam}"]
    beside = "O+C+I+M"
    if asked.recaptures:
        named.append(f"{RECAPTURES}={asked.recaptures}")
        beside += f"+{RECAPTURES}"
    store = prepared(named, asked.work / "crops", size=asked.size, frames=4)
    records = []
    for source, target in (REAL, REAL[::-1]):
        for variant in asked.variants:
            method, sets = VARIANTS[variant]
            recipe = load_recipe(
                load_method(method).recipe_type,
                toml=Path(__file__).with_name("recipe.toml"),
                sets=[f"weights={asked.weights.resolve()}", *sets],
            )
            protocol = f"{source}+{beside}:{target}"
            record = train_seeds(recipe, protocol, store, asked.work / "runs", asked.seeds, method=method)
            record["name"] = f"{variant} {protocol}"
            record["weights"] = [weights | {"file": Path(weights["file"]).name} for weights in record["weights"]]
            records.append(record)
            asked.out.mkdir(parents=True, exist_ok=True)
            (asked.out / "cross.json").write_text(json.dumps(records, indent=1) + "\n")
            (asked.out / "cross.md").write_text(as_markdown(records) + "\n")
    print(as_markdown(records))


if __name__ == "__main__":
    main()

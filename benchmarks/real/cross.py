"""Baseline on real pictures: train on one real set and a simulated world, test on the other real set.

    python -m benchmarks.real.cross --nuaa DIR --webcam DIR --world DIR --weights mobilenet_v2.safetensors \
        --work DIR --out benchmarks/real

--world is what `sincera simulate DIR --scale tiny` writes.  Crops and weights stay in --work and are not for
publication: delete them after the run.  Results: cross.json and cross.md, aggregates only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.trainings import as_markdown, prepared, train_seeds

from sincera.methods import load_method
from sincera.recipe import load_recipe

PROTOCOLS = ("nuaa+O+C+I+M:webcam", "webcam+O+C+I+M:nuaa")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("nuaa", "webcam", "world", "weights", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--size", type=int, default=112)
    asked = parser.parse_args()

    named = [f"{domain}={asked.world / domain}" for domain in "OCIM"] + [f"nuaa={asked.nuaa}", f"webcam={asked.webcam}"]
    store = prepared(named, asked.work / "crops", size=asked.size, frames=4)
    recipe = load_recipe(
        load_method("baseline").recipe_type,
        toml=Path(__file__).with_name("recipe.toml"),
        sets=[f"weights={asked.weights.resolve()}"],
    )
    records = []
    for protocol in PROTOCOLS:
        records.append(train_seeds(recipe, protocol, store, asked.work / "runs", asked.seeds))
        for record in records:
            record["weights"] = [weights | {"file": Path(weights["file"]).name} for weights in record["weights"]]
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "cross.json").write_text(json.dumps(records, indent=1) + "\n")
        (asked.out / "cross.md").write_text(as_markdown(records) + "\n")
    print(as_markdown(records))


if __name__ == "__main__":
    main()

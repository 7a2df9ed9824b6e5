"""Do the simulated domains differ as data sets do?  Train on three, test on the fourth, for each of the four.

    python -m benchmarks.shift.four_domains --world DIR --work DIR --out benchmarks/shift

--world is what `sincera simulate DIR --scale small` writes.  Held to: AUC at least 0.95 on source validation, and at
least 0.05 less on the fourth domain, for three of the four, over three seeds.  Results: four_domains.json and .md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

from benchmarks.trainings import as_markdown, prepared, train_seeds

from sincera.methods import load_method
from sincera.recipe import load_recipe

PROTOCOLS = ("OCI:M", "OMI:C", "OCM:I", "ICM:O")
AUC_AT_HOME, FALL = 0.95, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("world", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--frames", type=int, default=4)
    asked = parser.parse_args()

    named = [f"{domain}={asked.world / domain}" for domain in "OCIM"]
    store = prepared(named, asked.work / "crops", size=128, frames=asked.frames)
    recipe = load_recipe(
        load_method("baseline").recipe_type, preset="demo", toml=Path(__file__).with_name("recipe.toml")
    )
    records = []
    for protocol in PROTOCOLS:
        record = train_seeds(recipe, protocol, store, asked.work / "runs", asked.seeds)
        at_home, away = (
            statistics.fmean(figures[name] for figures in record["by_seed"]) for name in ("source.auc", "ST.auc")
        )
        record["holds"] = at_home >= AUC_AT_HOME and at_home - away >= FALL
        records.append(record)
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "four_domains.json").write_text(json.dumps(records, indent=1) + "\n")
        (asked.out / "four_domains.md").write_text(as_markdown(records) + "\n")
    print(as_markdown(records))
    holding = [record["protocol"] for record in records if record["holds"]]
    print(f"the shift holds for {len(holding)} of {len(records)}: {', '.join(holding)}")
    sys.exit(0 if len(holding) >= 3 else 1)


if __name__ == "__main__":
    main()

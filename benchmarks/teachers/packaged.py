"""Make the two small teachers inside the package from simulated people alone, and measure what they know.

    python -m benchmarks.teachers.packaged --work DIR [--portraits DIR]

Simulates people, prepares crops, trains both (resumable: the same command goes on), measures the files as they were
written, on simulated people never seen and, where given, on real portraits; draws faces that the generator edited.
Writes OUT/{recognition,attributes}.safetensors, measures.json and translated.jpg beside this script.
Crops of real people stay in --work, as numbers alone leave it: delete it afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from benchmarks.teachers.portraits import measure_portraits

from sincera.cli.progress import bar
from sincera.data.prepare import Preparation, prepare
from sincera.data.sources import parse_root, read_clips
from sincera.data.store import Store
from sincera.evaluate import Remembered
from sincera.faces.spec import CropSpec
from sincera.media import Sampling
from sincera.recipe import load_recipe
from sincera.simulate.people import write_people
from sincera.teachers.attributes import Attributes
from sincera.teachers.files import packaged, read_teacher, save_teacher
from sincera.teachers.text import describe
from sincera.teachers.training import TEACHERS, Taught, load_kind, seen, teach
from sincera.train.precision import pick_device

HERE = Path(__file__).parent
CROP = 112
PEOPLE_SEED, SEED = 12, 1
SHOWN = 8  # people on the sheet


@dataclass(frozen=True)
class Plan:
    """What the command line asked for. tiny: a few steps of a few people, to try the script out."""

    work: Path
    out: Path
    measures: Path
    sheet: Path
    portraits: Path | None
    people: int
    pictures: int
    tiny: bool
    device: str


def main() -> None:
    plan = _arguments()
    store = _crops(plan)
    found: dict[str, Any] = {
        "command": "python -m benchmarks.teachers.packaged",
        "people": f"sincera simulate people --people {plan.people} --pictures {plan.pictures} --size 192 "
        f"--seed {PEOPLE_SEED}",
        "crops": store.preparation.to_dict(),
    }
    for kind in TEACHERS:
        done, seconds = _taught(kind, store, plan)
        path = plan.out / f"{kind}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_teacher(path, done.method.chosen, kind=done.method.kind, facts=done.facts)
        found[kind] = _measured(path, done, plan) | {"seconds_of_this_call": round(seconds)}
        if isinstance(done.method, Attributes):
            _translated(done.method, store, done, plan.sheet)
    plan.measures.write_text(json.dumps(found, indent=2) + "\n")
    print(f"{plan.measures}\n{plan.sheet}")


def _crops(plan: Plan) -> Store:
    people = plan.work / "people"
    write_people(people, plan.people, plan.pictures, seed=PEOPLE_SEED, size=192, workers=1, track=bar)
    clips = read_clips(*parse_root(f"people={people}")).clips
    settings = Preparation(Sampling(1), {"face": CropSpec(size=CROP)})
    print(prepare(clips, plan.work / "crops", settings, workers=1, track=bar), file=sys.stderr)
    return Store.open(plan.work / "crops")


def _taught(kind: str, store: Store, plan: Plan) -> tuple[Taught, float]:
    cls = load_kind(kind)
    sets = ["length=6 steps", "evaluate_every=3", "held_out=0.3", "validation=0.2"] if plan.tiny else []
    recipe = load_recipe(cls.recipe_type, preset="packaged", sets=sets)
    start = time.perf_counter()
    done = teach(
        cls, recipe, store, seed=SEED, runs=plan.work / "runs", device=pick_device(plan.device),
        command=f"sincera teach {kind} --preset packaged --seed {SEED}", track=bar,
    )  # fmt: skip
    return done, time.perf_counter() - start


def _measured(path: Path, done: Taught, plan: Plan) -> dict[str, Any]:
    """As the file has it, float16 included; `facts` are those of the training in float32."""
    network, facts = read_teacher(path)
    print(describe(path, network, done.facts))
    faces = Remembered(Store.open(plan.work / "crops"))
    method = done.method.to("cpu")
    result: dict[str, Any] = {
        "file": {"name": path.name, "bytes": path.stat().st_size, "sha256": facts.sha256},
        "input": facts.size,
        "width": facts.width,
        **{name: done.facts[name] for name in ("seed", "recipe", "step", "people", "pictures", "untaught")},
        "measures": method.measures(network, faces, done.lists.test),
        "measures_float32": done.facts["measures"],
        "log": done.run.log()[-1],
    }
    if plan.portraits is not None:
        torch.manual_seed(SEED)
        untaught = load_kind(facts.kind)(method.teaching, method.facts, method.trained).network.eval()
        result["portraits"] = {
            name: measure_portraits(plan.portraits, plan.work / "portraits", one, facts)
            for name, one in (("taught", network), ("untaught", untaught))
        }
        print(json.dumps(result["portraits"], indent=2))
    return result


@torch.no_grad()
def _translated(method: Attributes, store: Store, done: Taught, path: Path) -> None:
    """Faces of people never seen (left), and the same with each attribute turned to its opposite."""
    names, rows, people = method.questions.names, *seen(store, done.lists.test)
    first = [people.index(person) for person in sorted(set(people))[:SHOWN]]
    rows = rows[np.array(first)]
    crops = torch.from_numpy(store.crops(rows)).permute(0, 3, 1, 2).float() / 255
    real = method.pixels(crops)
    labels = method.questions(torch.from_numpy(store.extra("attributes", rows))).nan_to_num(0.5)
    columns = [real]
    for place in range(len(names)):
        wished = labels.clone()
        wished[:, place] = 1 - wished[:, place]
        columns.append(method.generator.eval()(real, wished))
    tiles = torch.stack(columns, 1).add(1).div(2).clamp(0, 1)  # (people, 1 + A, 3, H, W)
    sheet = tiles.permute(0, 3, 1, 4, 2).reshape(len(rows) * method.size, -1, 3).mul(255).byte().numpy()
    sheet = cv2.copyMakeBorder(np.ascontiguousarray(sheet), 20, 0, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    for place, name in enumerate(("face", *names)):
        at = (place * method.size + 4, 14)
        cv2.putText(sheet, name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.imwrite(str(path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])


def _arguments() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="people, crops and runs; the same folder resumes")
    parser.add_argument("--out", type=Path, default=packaged("recognition").parent, help="where the two files go")
    parser.add_argument("--measures", type=Path, default=HERE / "measures.json")
    parser.add_argument("--sheet", type=Path, default=HERE / "translated.jpg")
    parser.add_argument("--portraits", type=Path, help="the set of portraits with second.csv, only to measure on")
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--tiny", action="store_true", help="six steps of each, to try it out")
    parser.add_argument("--device", default="cpu")
    return Plan(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()

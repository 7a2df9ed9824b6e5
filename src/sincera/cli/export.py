"""`sincera export`: trained runs into one model file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sincera.errors import UsageError

if TYPE_CHECKING:
    from sincera.export import Exported

EXAMPLE = "Example: sincera export --run runs/a --run runs/b --out committee.onnx"


def register(app: typer.Typer) -> None:
    """Add `sincera export`."""
    app.command("export", epilog=EXAMPLE)(export)


def export(
    out: Annotated[Path, typer.Option(help="The model file to write.")],
    run: Annotated[list[Path] | None, typer.Option(metavar="DIR", help="A run; several make a committee.")] = None,
    member: Annotated[
        list[Path] | None, typer.Option(metavar="FILE.toml", help="A member from an ONNX file, or a run with settings.")
    ] = None,
    checkpoint: Annotated[str, typer.Option(help="source (chosen on source validation) or last.")] = "source",
    store: Annotated[Path | None, typer.Option(help="Crops, where the runs' own have moved.")] = None,
    dev: Annotated[
        Path | None, typer.Option(help="Scores of the whole model to fit thresholds on, in place of the runs' own.")
    ] = None,
    rule: Annotated[str, typer.Option(help="The operating point in use: eer, bpcer=X or apcer=X.")] = "eer",
    uncertain: Annotated[
        str | None, typer.Option(metavar="A,B", help="Two points between whose scores the outcome is `uncertain`.")
    ] = None,
    fusion: Annotated[str, typer.Option(help="Of several members: equal, or fitted on source validation.")] = "equal",
    int8: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A second file in 8-bit integers, measured.")
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help="yunet or mtcnn; what found the training's faces unless told.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the model; the file's unless told.")] = None,
    version: Annotated[str, typer.Option("--model-version", help="Of the model.")] = "1",
    crops: Annotated[int, typer.Option(min=1, help="Real crops on which scores are compared.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object in place of the text.")] = False,
) -> None:
    """Write runs as a model file that `sincera judge` and `sincera serve` use without PyTorch.

    Refuses, and writes nothing, where scores on real crops of the runs' store differ from PyTorch's by more than 1e-4.
    """
    from sincera.cli.options import check_file
    from sincera.cli.progress import bar
    from sincera.export import Wishes
    from sincera.export import export as write

    for option, path in (("--out", out), ("--int8", int8)):
        if path is not None:
            check_file(option, path)
    if fusion not in ("equal", "fitted"):
        raise UsageError(f"--fusion {fusion}: expected equal or fitted.")
    wishes = Wishes(
        name=name,
        version=version,
        rule=rule,
        bounds=_bounds(uncertain),
        dev=dev,
        fusion="fitted" if fusion == "fitted" else "equal",
        finder=detector,
        crops=crops,
    )
    done = write(out, run or (), member or (), which=checkpoint, store=store, int8=int8, wishes=wishes, track=bar)
    for note in done.notes:
        print(f"note: {note}", file=sys.stderr)
    print(json.dumps(_json(done), allow_nan=False, ensure_ascii=False) if as_json else _text(done))


def _bounds(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or names[0] == names[1]:
        raise UsageError(f"--uncertain {text}: expected two points, such as apcer=0.01,bpcer=0.01.")
    return names[0], names[1]


def _json(done: Exported) -> dict[str, Any]:
    spec = done.model.spec
    return {
        "path": str(done.path),
        "model": done.model.id.to_dict(),
        "members": [member.name for member in spec.members],
        "threshold": spec.operating_point.to_dict(),
        "agreement": done.agreement.to_dict(),
        "int8": None if done.int8 is None else {"path": str(done.int8.path), **done.int8.to_dict()},
        "notes": list(done.notes),
    }


def _text(done: Exported) -> str:
    """What was written, how near it is to the original, what int8 costs."""
    spec, near = done.model.spec, done.agreement
    members = ", ".join(f"{member.name} ({member.link})" for member in spec.members)
    lines = [
        f"{done.path}: {spec.name} {spec.version}, {len(done.model.graph) / 1e6:.2f} MB, {members}",
        f"  threshold {spec.operating_point.value:.6g}: {spec.operating_point.origin}",
        f"  scores on {near.crops} real crops differ from the original's by at most {max(near.largest.values()):.1e}",
    ]
    if near.openvino is not None:
        other = near.openvino
        lines.append(f"  by OpenVINO {other.version} in {other.precision} by at most {max(other.largest.values()):.1e}")
    if done.int8 is not None:
        lines.append(f"{done.int8.path}: in 8-bit integers, {len(done.int8.model.graph) / 1e6:.2f} MB")
        for part, before in done.int8.before.items():
            after = done.int8.after[part]
            lines.append(f"  {part}: AUC {before.auc:.4f} → {after.auc:.4f}, HTER {before.hter:.2%} → {after.hter:.2%}")
    return "\n".join(lines)

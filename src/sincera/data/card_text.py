"""A data card for people: as Markdown, and as a sheet of faces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.card import Card, Spread
from sincera.data.store import Store

TILE = 112  # pixels
HEAD = 30  # of the line above a block
GAP = 14
ROWS = 6
COLUMNS = 4  # of a block


def card_text(card: Card) -> str:
    """The card as Markdown."""
    return "\n".join([f"# {card.name}" + (" (simulated)" if card.simulated else ""), "", *_body(card)]) + "\n"


def _body(card: Card) -> Iterator[str]:
    splits = [*card.clips]
    yield from _table(["", *splits], [
        ["live", *(str(card.clips[split]["live"]) for split in splits)],
        ["attack", *(str(card.clips[split]["attack"]) for split in splits)],
        ["people", *(str(card.people[split]) for split in splits)],
    ])  # fmt: skip
    yield ""
    if card.attacks:
        yield f"- attacks: {_counts(card.attacks)}"
    yield f"- clips: {_counts({name.replace('_', ' '): count for name, count in card.outcomes.items() if count})}"
    if card.sizes:
        yield f"- frame sizes: {_counts(card.sizes)}"
    spreads = {
        "frames a clip": (card.frames, "{:.0f}"),
        "seconds a clip": (card.seconds, "{:.1f}"),
        "megabytes a clip": (card.megabytes, "{:.3g}"),
        "face, pixels of the frame": (card.face, "{:.0f}"),
    }
    for title, (spread, form) in spreads.items():
        if spread is not None:
            yield f"- {title}: {_spread(spread, form)}"
    for name, values in card.conditions.items():
        yield f"- {name}: {_counts(values)}"
    yield ""
    yield from _cues(card)
    if card.warnings:
        yield ""
        yield from (f"> {warning}" for warning in card.warnings)


def _cues(card: Card) -> Iterator[str]:
    if not card.cues:
        yield "Trivial cues: not measured, since one of the classes has no face."
        return
    species = [*card.attacks] if len(card.attacks) > 1 else []
    yield "AUC of each trivial cue over clips, 95 % interval over people; 0.5 says nothing, above it attacks have more."
    yield ""
    rows = [
        [
            cue.name,
            f"{cue.auc:.2f} [{cue.low:.2f}, {cue.high:.2f}]",
            *(f"{cue.by_attack[one]:.2f}" if one in cue.by_attack else "" for one in species),
        ]
        for cue in card.cues
    ]
    yield from _table(["cue", "all attacks", *species], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    widths = [max(width, 3) for width in widths]
    for row in (head, ["-" * width for width in widths], *rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _spread(spread: Spread, form: str) -> str:
    low, median, high = (form.format(value) for value in (spread.low, spread.median, spread.high))
    return median if low == high else f"{low} to {high}, median {median}"


def write_sheet(path: str | Path, clips: Sequence[Clip], store: Store) -> None:
    """Draw live faces on the left and the attacks, species by species, to the right, as many people as fit: PNG."""
    kinds = ["", *sorted({clip.attack for clip in clips} - {""})]
    blocks = [(kind or "live", _spread_out([clip for clip in clips if clip.attack == kind], store)) for kind in kinds]
    drawn = [_block(title, store.crops(rows)) for title, rows in blocks if rows]
    if not drawn:
        return
    height = max(len(block) for block in drawn)
    sheet = np.full((height + GAP, GAP + sum(block.shape[1] + GAP for block in drawn), 3), 255, np.uint8)
    x = GAP
    for block in drawn:
        sheet[: len(block), x : x + block.shape[1]] = block
        x += block.shape[1] + GAP
    cv2.imwrite(str(path), sheet[..., ::-1])


def _spread_out(clips: Sequence[Clip], store: Store) -> list[int]:
    """One row a clip, person after person, so that few clips show many people."""
    seen: dict[str, int] = {}
    rounds = []
    for clip in clips:
        rows = store.rows([clip])
        if len(rows):
            seen[clip.person] = seen.get(clip.person, 0) + 1
            rounds.append((seen[clip.person], clip.person, int(rows[len(rows) // 2])))
    return [row for _, _, row in sorted(rounds)[: ROWS * COLUMNS]]


def _block(title: str, crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    columns = -(-len(crops) // ROWS)
    width = max(columns * TILE, cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0] + 4)
    block = np.full((HEAD + ROWS * TILE, width, 3), 255, np.uint8)
    cv2.putText(block, title, (2, HEAD - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA)
    for number, crop in enumerate(crops):
        x, y = (number // ROWS) * TILE, HEAD + (number % ROWS) * TILE
        block[y : y + TILE - 2, x : x + TILE - 2] = cv2.resize(crop, (TILE - 2, TILE - 2), interpolation=cv2.INTER_AREA)
    return block

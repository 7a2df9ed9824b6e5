"""The data card: counts by hand, cues by the slow way, and a sheet that shows who is who."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import squares
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.data import cues
from sincera.data.card import Spread, card
from sincera.data.card_text import TILE, card_text, write_sheet
from sincera.data.prepare import prepare
from sincera.data.store import Store


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Clips and their store: 12 pictures, 4 of them prints, 2 displays; 3 videos."""
    folder = tmp_path_factory.mktemp("card")
    clips = squares.make_set(folder / "set", pictures=12, videos=3)
    clips = [replace(c, attack="display") if c.attack and c.name in ("009.png", "011.png") else c for c in clips]
    clips = [replace(c, split="test") if c.subject == "s3" else c for c in clips]
    prepare(clips, folder / "store", squares.PREPARATION, workers=1, opener=squares.open_squares)
    return clips, Store.open(folder / "store")


@pytest.fixture(scope="module")
def found(made):
    return card(*made, name="squares", rounds=50)


def test_counts_are_those_of_the_clips(made, found):
    clips, _ = made
    by_hand = {(split, label): 0 for split in ("train", "test") for label in ("live", "attack")}
    for clip in clips:
        by_hand[clip.split, str(clip.label)] += 1
    assert {(s, label): n for s, labels in found.clips.items() for label, n in labels.items()} == by_hand
    assert found.attacks == {"print/1": 5, "display": 2}
    assert found.people == {"train": 6, "test": 1}
    assert found.outcomes == {"ok": 13, "no_face": 1, "unreadable": 1}
    assert found.sizes == {"96×72": 14}
    assert found.frames == Spread(1, 1, 9)
    assert found.seconds.median == pytest.approx(0.9)
    assert found.conditions == {"light": {"dim": 15}}


def test_areas_are_those_of_all_pairs(made, found):
    clips, store = made
    tables = cues.cue_tables(store, clips)
    assert {cue.name for cue in found.cues} == set(cues.CUES)
    for cue in found.cues:
        table = tables[cue.name].by_clip()
        known = table.answered

        def area(attacks):
            pairs = [np.sign(a - b) for a in attacks for b in table.score[known & (table.label == 0)]]  # noqa: B023
            return (np.mean(pairs) + 1) / 2

        assert cue.auc == pytest.approx(area(table.score[known & (table.label == 1)]))
        for species, value in cue.by_attack.items():
            assert value == pytest.approx(area(table.score[known & (table.attack == species)]))
        assert 0 <= cue.low <= cue.auc <= cue.high <= 1


def test_the_strongest_cue_comes_first(found):
    strengths = [cue.separation for cue in found.cues]
    assert strengths == sorted(strengths, reverse=True)


def test_what_should_make_one_suspicious_is_said(made, found):
    clips, store = made
    assert any("7 people" in warning for warning in found.warnings)
    apart = [replace(clip, subject=f"{clip.subject}-{clip.label}") for clip in clips]
    said = card(apart, store, name="x", rounds=10).warnings
    assert any("no person is seen both live and in an attack" in warning for warning in said)


def test_lives_alone_have_a_card_without_cues(made):
    clips, store = made
    lives = card([clip for clip in clips if not clip.attack], store, name="lives", rounds=10)
    assert lives.cues == ()
    assert "not measured" in card_text(lives)


def test_the_text_holds_the_figures(found):
    text = card_text(found)
    assert text.startswith("# squares\n")
    assert "- attacks: print/1 5, display 2" in text
    first = found.cues[0]
    assert f"{first.auc:.2f} [{first.low:.2f}, {first.high:.2f}]" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({len(line) for line in rows[:4]}) == 1  # columns line up
    assert json.loads(json.dumps(found.to_dict()))["cues"][0]["name"] == first.name


def test_the_sheet_has_lives_on_the_left(made, tmp_path):
    clips, store = made
    # Attacks painted red by their crops' place: compare the leftmost tile with the first live crop.
    write_sheet(tmp_path / "sheet.png", clips, store)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet.shape[1] > 3 * TILE
    live = next(clip for clip in clips if not clip.attack)
    crop = store.crops(store.rows([live]))[0]
    tile = cv2.resize(crop, (TILE - 2, TILE - 2), interpolation=cv2.INTER_AREA)[..., ::-1]
    hits = cv2.matchTemplate(sheet, tile, cv2.TM_SQDIFF)
    _, _, (x, _), _ = cv2.minMaxLoc(hits)
    assert hits.min() < 1
    assert x < TILE


def test_the_command_prints_and_writes(tmp_path):
    root = tmp_path / "set"
    for label in ("live", "attack"):
        (root / label).mkdir(parents=True)
        for number in range(3):
            cv2.imwrite(str(root / label / f"{number}.png"), squares.picture(number, square=False))
    options = (
        "--workers",
        "1",
        "--rounds",
        "10",
        "--out",
        str(tmp_path / "cards"),
        "--faces",
    )
    done = CliRunner().invoke(app, ["datasets", "card", f"own={root}", *options])
    assert done.exit_code == 0, done.output
    assert "- clips: no face 6" in done.stdout
    assert (tmp_path / "cards" / "own.md").read_text() in done.stdout
    assert json.loads((tmp_path / "cards" / "own.json").read_text())["outcomes"]["no_face"] == 6
    again = CliRunner().invoke(app, ["datasets", "card", f"own={root}", "--json", *options])
    # Without a face only the size of the file is left as a cue.
    assert [cue["name"] for cue in json.loads(again.stdout)["cues"]] == ["file_size"]

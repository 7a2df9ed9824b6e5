"""Resampling against a plain loop over people, along every route by which counts are summed."""

import numpy as np
import pytest

from sincera.measures import ScoreTable, apcer, auc, bootstrap, bpcer, counts, eer, hter, recall_at_fpr
from sincera.measures.bootstrap import Resampler, draws, percentiles, units_of

THRESHOLD = 0.5
ROUNDS = 40


def plain_loop(table, weights):
    """Every rate of one resample the obvious way: repeat each unit's rows as often as it was drawn."""
    units = units_of(table).codes
    drawn = table.select(np.repeat(np.arange(len(table)), weights[units].astype(int)))
    silent = ~drawn.answered
    rows = drawn.select(~silent)
    attacks = rows.label == 1
    by_species = apcer(rows.score[attacks], rows.species[attacks], THRESHOLD)
    live_error = bpcer(rows.score[~attacks], THRESHOLD)
    pooled = float((rows.score[attacks] <= THRESHOLD).mean())
    return {
        "auc": auc(rows.score, rows.label),
        "eer": eer(rows.score, rows.label),
        "hter": hter(rows.score, rows.label, THRESHOLD),
        "bpcer": live_error,
        "apcer_max": max(by_species.values()),
        "apcer_mean": sum(by_species.values()) / len(by_species),
        "apcer_pooled": pooled,
        "acer": (max(by_species.values()) + live_error) / 2,
        "acer_pooled": (pooled + live_error) / 2,
        "non_response": silent.mean(),
        **{f"apcer:{name}": rate for name, rate in by_species.items()},
        **{f"recall_at_fpr:{q:g}": recall_at_fpr(rows.score, rows.label, q) for q in (0.01, 0.005, 0.001)},
    }


def test_each_resample_equals_the_plain_loop(people):
    table = people(15, silent=0.1)
    found = Resampler(table, THRESHOLD).replicates(ROUNDS, seed=4)
    weights = np.concatenate(list(draws(15, ROUNDS, 4, 7)))
    slow = [plain_loop(table, one) for one in weights]
    assert set(found) == set(slow[0])
    for name, values in found.items():
        assert values == pytest.approx([one[name] for one in slow], abs=1e-12), name


def test_ties_are_resampled_exactly(people):
    table = people(15, silent=0.1)
    table = ScoreTable(table.label, table.score.round(1), subject=table.subject, attack=table.attack)
    found = Resampler(table, THRESHOLD).replicates(ROUNDS, seed=1)
    slow = [plain_loop(table, one) for one in np.concatenate(list(draws(15, ROUNDS, 1, 100)))]
    for name in ("auc", "eer", "recall_at_fpr:0.01"):
        assert found[name] == pytest.approx([one[name] for one in slow], abs=1e-12)


@pytest.mark.parametrize(("matrix", "large"), [(0, 1 << 28), (0, 0)], ids=["by block", "by entry"])
def test_the_routes_agree(people, monkeypatch, matrix, large):
    table = people(30, silent=0.05)
    by_matrix = Resampler(table, THRESHOLD).replicates(ROUNDS, seed=2)
    monkeypatch.setattr(bootstrap, "MATRIX", matrix)
    monkeypatch.setattr(bootstrap, "LARGE_MATRIX", large)
    monkeypatch.setattr(bootstrap, "CHUNK", 300)
    other = Resampler(table, THRESHOLD).replicates(ROUNDS, seed=2)
    for name, values in by_matrix.items():
        assert np.array_equal(values, other[name], equal_nan=True), name


def test_blocks_of_units_are_cut_rightly(monkeypatch):
    random = np.random.default_rng(0)
    unit, cell = random.integers(23, size=400), random.integers(11, size=400)
    monkeypatch.setattr(bootstrap, "MATRIX", 44)
    slow = np.zeros((23, 11))
    np.add.at(slow, (unit, cell), 1)
    assert np.array_equal(bootstrap._counted_by_block(unit, cell, 23, 11), slow)


def test_score_bins_stay_within_the_stated_errors(people, monkeypatch):
    table = people(300, seed=5)
    exact = Resampler(table, THRESHOLD)
    assert exact.exact
    monkeypatch.setattr(counts, "EXACT_UP_TO", 10)
    monkeypatch.setattr(counts, "BINS_PER_CLASS", 40)
    monkeypatch.setattr(counts, "BINS_OF_HIGHEST_LIVES", 4)
    binned = Resampler(table, THRESHOLD)
    assert not binned.exact
    assert binned.bins < 100
    auc_error, eer_error = binned.bin_errors()
    assert 0 < auc_error < 0.01
    assert 0 < eer_error < 0.05
    assert binned.once()["auc"] == pytest.approx(exact.once()["auc"], abs=auc_error)
    assert binned.once()["eer"] == pytest.approx(exact.once()["eer"], abs=eer_error)
    fine, coarse = exact.replicates(ROUNDS, seed=3), binned.replicates(ROUNDS, seed=3)
    # A resample may fill a bin more than the table does, hence twice the error.
    assert coarse["auc"] == pytest.approx(fine["auc"], abs=2 * auc_error)
    assert coarse["eer"] == pytest.approx(fine["eer"], abs=2 * eer_error)
    for name in ("bpcer", "hter", "apcer:mask", "apcer_max", "acer", "non_response"):
        assert np.array_equal(coarse[name], fine[name]), name


def test_many_single_rows_are_drawn_by_cell_with_the_same_distribution(monkeypatch):
    random = np.random.default_rng(8)
    label = (np.arange(600) % 3 > 0).astype(int)
    score = (label + random.normal(0, 0.7, 600)).round(2)
    attack = np.where(label == 1, random.choice(["print", "mask"], 600), "")
    score[:9] = np.nan
    table = ScoreTable(label, score, attack=attack)
    singly = Resampler(table, THRESHOLD).replicates(3000, seed=0)
    monkeypatch.setattr(bootstrap, "MANY_UNITS", 100)
    by_cell = Resampler(table, THRESHOLD)
    assert by_cell.once() == pytest.approx(Resampler(table, THRESHOLD, one_by_one=True).once())
    found = by_cell.replicates(3000, seed=1)
    for name, values in singly.items():
        assert found[name].mean() == pytest.approx(values.mean(), abs=4 * values.std() / np.sqrt(1500)), name
        assert found[name].std() == pytest.approx(values.std(), rel=0.1), name


def test_one_by_one_draws_the_same_people_for_two_tables(monkeypatch, people):
    monkeypatch.setattr(bootstrap, "MANY_UNITS", 10)
    table = people(20)
    rows = ScoreTable(table.label, table.score)
    shifted = ScoreTable(table.label, table.score + 1)
    one, other = (Resampler(each, at, one_by_one=True).replicates(20, 0) for each, at in ((rows, 0.5), (shifted, 1.5)))
    assert np.array_equal(one["hter"], other["hter"])


def test_people_are_drawn_where_known_else_clips_else_rows(people):
    table = people(6, frames=3)
    assert units_of(table)[1:] == (6, "subjects")
    assert units_of(ScoreTable(table.label, table.score, clip=table.clip))[1:] == (24, "clips")
    assert units_of(ScoreTable(table.label, table.score))[1:] == (72, "rows")
    # A row of nobody known counts by its clip.
    some = table.subject.copy()
    some[:6] = ""
    units = units_of(ScoreTable(table.label, table.score, clip=table.clip, subject=some))
    assert units.total == 8
    assert len(set(units.codes[:6].tolist())) == 2


def test_equal_subject_names_in_two_domains_are_two_people():
    table = ScoreTable([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.8], domain=["O", "O", "C", "C"], subject=["1"] * 4)
    assert units_of(table).total == 2


def test_the_order_of_rows_changes_no_draw(people):
    table = people(10)
    order = np.random.default_rng(1).permutation(len(table))
    one, other = (Resampler(each, THRESHOLD).replicates(10, 0) for each in (table, table.select(order)))
    assert np.array_equal(one["auc"], other["auc"])


def test_draws_do_not_depend_on_the_chunk():
    assert np.array_equal(np.concatenate(list(draws(5, 7, 0, 2))), next(draws(5, 7, 0, 100)))
    assert next(draws(5, 7, 0, 100)).sum(1).tolist() == [5.0] * 7
    assert next(draws(2, 3, 0, 9, sizes=np.array([4, 6]))).sum(1).tolist() == [10.0] * 3


def test_a_resample_without_a_class_is_undefined():
    found = Resampler(ScoreTable([0, 1], [0.1, 0.9], subject=["1", "2"]), THRESHOLD).replicates(60, 0)
    undefined = np.isnan(found["auc"])
    assert 0 < undefined.sum() < 60
    assert np.array_equal(undefined, np.isnan(found["eer"]))
    assert np.array_equal(undefined, np.isnan(found["hter"]))
    assert percentiles(np.full(4, np.nan)) is None

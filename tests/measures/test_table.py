"""Score tables: what they accept, how frames become clips, and that selection cannot be fooled by types."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sincera.errors import ScoreError
from sincera.measures import ScoreTable, SourceScores, TargetScores, read_scores, write_scores
from sincera.measures.conflicts import in_both

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)


def table(**changes):
    columns = {
        "label": [0, 0, 1, 1, 1],
        "score": [0.2, np.nan, 0.7, 0.9, 0.4],
        "clip": ["a", "a", "b", "b", "c"],
        "domain": ["O"] * 5,
        "subject": ["1", "1", "2", "2", "2"],
        "attack": ["", "", "print", "print", ""],
        "frame": [0, 1, 0, 1, 0],
        "columns": {"sex": ["f", "f", "m", "m", "m"], "time": ["0", "1", "0", "1", "0"]},
    }
    return ScoreTable(**columns | changes)


def test_a_clip_is_the_mean_of_its_answered_frames():
    clips = table().by_clip()
    assert clips.clip.tolist() == ["a", "b", "c"]
    assert clips.score.tolist() == [0.2, pytest.approx(0.8), 0.4]
    assert clips.species.tolist() == ["", "print", "attack"]
    assert clips.frame is None
    assert {name: texts.tolist() for name, texts in clips.columns.items()} == {"sex": ["f", "m", "m"]}
    assert len(clips.by_clip()) == 3


def test_a_clip_without_an_answered_frame_keeps_its_place():
    clips = table(score=[np.nan, np.nan, 0.7, 0.9, 0.4]).by_clip()
    assert len(clips) == 3
    assert clips.answered.tolist() == [False, True, True]


def test_clips_of_one_name_in_two_domains_are_two():
    assert table(domain=["O", "C", "O", "O", "O"], subject=["1"] * 5).clips == 4


def test_the_order_of_frames_changes_no_bit():
    random = np.random.default_rng(0)
    score, clip = random.random(300), np.repeat(["x", "y", "z"], 100)
    label = np.repeat([0, 1, 1], 100)
    order = random.permutation(300)
    one = ScoreTable(label, score, clip=clip).by_clip()
    other = ScoreTable(label[order], score[order], clip=clip[order]).by_clip()
    assert dict(zip(one.clip, one.score, strict=True)) == dict(zip(other.clip, other.score, strict=True))


def test_equal_frames_give_exactly_their_score():
    assert ScoreTable([0] * 3, [0.1] * 3, clip=["a"] * 3).by_clip().score.tolist() == [0.1]


def test_huge_scores_do_not_overflow_their_mean():
    assert np.isfinite(ScoreTable([0, 0], [1.6e308, 1.7e308], clip=["a", "a"]).by_clip().score).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": [0, 1, 1, 1, 1]}, "clip 'a' has label 'attack' here but 'live' before"),
        ({"subject": ["1", "2", "2", "2", "2"]}, "clip 'a' has subject '2' here but '1' before"),
        ({"attack": ["", "", "print", "mask", ""]}, "clip 'b' has attack 'mask' here but 'print' before"),
        ({"frame": [0, 1, 1, 1, 0]}, "clip 'b' has frame 1 twice"),
    ],
)
def test_rows_of_a_clip_must_agree(changes, message):
    with pytest.raises(ScoreError, match=message):
        table(**changes).by_clip()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": [0.1]}, "score: found 1 rows, expected 5"),
        ({"score": [np.inf] * 5}, "finite"),
        ({"label": [0, 0, 1, 1, 3]}, "labels"),
        ({"subject": [None] * 5}, "subject: found NoneType, expected text"),
        ({"clip": ["a", "a", "", "b", "c"]}, "empty name"),
        ({"frame": [0, 1, 0.5, 1, 0]}, "whole numbers"),
        ({"frame": [0, 1, -1, 1, 0]}, "whole numbers"),
        ({"columns": {"score": ["1"] * 5}}, "place of its own"),
        ({"columns": {"sex": ["f"]}}, "sex: found 1 rows"),
        ({"clip": [["a"]] * 5}, "shape"),
    ],
)
def test_columns_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ScoreError, match=message):
        table(**changes)


def test_a_table_cannot_be_written_through_but_the_callers_array_can():
    mine = np.array([0.1, 0.9])
    frozen = ScoreTable([0, 1], mine)
    with pytest.raises(ValueError, match="read-only"):
        frozen.score[0] = 1
    mine[1] = 0.8
    with pytest.raises(AttributeError):
        frozen.score = mine


def test_columns_by_name():
    assert table().column("label").tolist() == ["live", "live", "attack", "attack", "attack"]
    assert table().column("sex").tolist() == ["f", "f", "m", "m", "m"]
    with pytest.raises(
        ScoreError, match="no column 'age' of texts here; there are clip, domain, subject, attack, label, sex"
    ):
        table().column("age")


def test_counts_of_people_leave_out_the_unknown():
    assert table().subjects == 2
    assert table(subject=["", "", "2", "2", "2"]).subjects == 1
    assert table(subject=[""] * 5).subjects is None
    assert table(subject=None).subjects is None
    assert table(subject=["1"] * 5, domain=["O", "O", "C", "C", "C"]).subjects == 2


def test_a_selection_keeps_its_type():
    chosen = SourceScores.of(table()).select(np.array([True, True, False, False, True]))
    assert type(chosen) is SourceScores
    assert chosen.columns["sex"].tolist() == ["f", "f", "m"]


def test_target_scores_cannot_be_turned_into_source_scores():
    with pytest.raises(ScoreError, match="found TargetScores, asked for SourceScores"):
        SourceScores.of(TargetScores.of(table()))


def test_what_stands_in_both_is_found_by_domain():
    other = table(domain=["C"] * 5)
    assert in_both(table(), other) == {"clips": [], "subjects": []}
    assert in_both(table(), table()) == {"clips": ["O/a", "O/b", "O/c"], "subjects": ["O/1", "O/2"]}
    assert in_both(table(domain=None), other)["subjects"] == ["1", "2"]
    assert in_both(table(), ScoreTable([0], [0.1])) == {"clips": [], "subjects": []}


@settings(max_examples=60, deadline=None, database=None)
@given(
    rows=st.lists(
        st.tuples(
            NAMES,
            st.integers(0, 1),
            st.one_of(st.just(np.nan), st.floats(allow_nan=False, allow_infinity=False, width=64)),
            NAMES,
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[0],
    )
)
def test_writing_and_reading_loses_nothing(rows, tmp_path_factory):
    clip, label, score, sex = map(list, zip(*rows, strict=True))
    score = [min(max(one, -1e308), 1e308) for one in score]
    written = ScoreTable(label, score, clip=clip, subject=clip, columns={'a, "sex"': sex})
    path = tmp_path_factory.mktemp("round") / "scores.csv"
    write_scores(path, written)
    read = read_scores(path)
    assert read.score.tobytes() == written.score.tobytes() or np.array_equal(read.score, written.score, equal_nan=True)
    assert read.label.tolist() == label
    assert read.clip.tolist() == read.subject.tolist() == clip
    assert read.columns['a, "sex"'].tolist() == sex


def test_frames_survive_writing(tmp_path):
    path = tmp_path / "scores.csv"
    write_scores(path, table(frame=[0, np.nan, 3, 4, 5]))
    assert path.read_text().splitlines()[:3] == [
        "clip,domain,subject,attack,label,score,frame,sex,time",
        "a,O,1,,live,0.2,0,f,0",
        "a,O,1,,live,,,f,1",
    ]
    read = read_scores(path)
    assert np.array_equal(read.frame, [0, np.nan, 3, 4, 5], equal_nan=True)
    write_scores(path, table())
    assert read_scores(path).frame.dtype == np.int64


def test_writing_is_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "scores.csv"
    write_scores(path, table())
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ScoreError, match="No space left"):
        write_scores(path, table(score=[0.0] * 5))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["scores.csv"]

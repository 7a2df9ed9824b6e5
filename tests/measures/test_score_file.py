"""Reading score files strictly: every complaint names the line."""

import numpy as np
import pytest

from sincera.errors import ScoreError
from sincera.measures import SourceScores, read_scores, score_file


@pytest.fixture
def written(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "scores.csv"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return path

    return write


def test_label_and_score_are_enough(written):
    table = read_scores(written("score,label\n0.1,live\n0.2,0\n0.3,attack\n0.4,spoof\n0.5,1\n,Attack\n"))
    assert table.label.tolist() == [0, 0, 1, 1, 1, 1]
    assert np.isnan(table.score[-1])
    assert table.species.tolist() == ["", "", *["attack"] * 4]
    assert (table.clip, table.subject, table.clips) == (None, None, 6)


def test_foreign_habits_are_read(written):
    text = '\ufefflabel, score ,clip,note\r\nlive, 1e-3 ,"a, b",x\r\n\r\nattack,.5,"two\r\nlines",y\r\n'
    table = read_scores(written(text), kind=SourceScores)
    assert type(table) is SourceScores
    assert table.score.tolist() == [0.001, 0.5]
    assert table.clip.tolist() == ["a, b", "two\r\nlines"]
    assert table.columns["note"].tolist() == ["x", "y"]


def test_scores_that_rise_with_live_are_negated(written):
    table = read_scores(written("label,score\nlive,0.9\nattack,0\n"), live_is_high=True)
    assert table.score.tolist() == [-0.9, 0.0]


def test_only_the_wanted_columns_are_kept(written):
    path = written("label,score,sex,age\nlive,0.1,f,31\n")
    assert list(read_scores(path).columns) == ["sex", "age"]
    assert list(read_scores(path, columns=["age"]).columns) == ["age"]


HEAD = "clip,subject,attack,frame,label,score\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no column label and no column score; found nothing"),
        ("label,value\nlive,1\n", "line 1: no column score; found label, value"),
        ("label;score\nlive;1\n", "found label;score"),
        ("label,score,label\nlive,1,live\n", "the column label stands there twice"),
        ("label,score\n", "a header but no rows"),
        ("label,score\nlive,0.1\nlive\n", "line 3: found 1 fields, expected 2"),
        ("label,score\nlive,0.1\n\nreal,0.1\n", "line 4: label 'real'; expected live, attack, spoof"),
        ("label,score\nlive,0.1\n1.0,0.1\n", "line 3: label '1.0'"),
        ("label,score\nlive,0.1\nlive,nan\n", "line 3: score 'nan'; leave the cell empty"),
        ("label,score\nlive,0.1\nlive,NaN\n", "line 3: score 'NaN'"),
        ("label,score\nlive,0.1\nlive,-inf\n", "line 3: score '-inf'; expected a finite"),
        ("label,score\nlive,1e999\n", "line 2: score '1e999'; expected a finite"),
        ("label,score\nlive,1_0\n", "line 2: score '1_0' is no number"),
        ('label,score\nlive,\nlive,"0,1"\n', "line 3: score '0,1' is no number"),
        (HEAD + "a,1,,x,live,0.1\n", "line 2: frame 'x'; expected a whole number"),
        (HEAD + "a,1,,-1,live,0.1\n", "line 2: frame '-1'"),
        (HEAD + ",1,,0,live,0.1\n", "line 2: the clip has no name"),
        (
            HEAD + "a,1,,0,live,0.1\nb,1,,0,live,1\na,1,,1,attack,0.1\n",
            r"line 4: clip 'a' has label 'attack' .*\(see line 2\)",
        ),
        (HEAD + '"a\nb",1,,0,live,0.1\n"a\nb",2,,1,live,0.1\n', r"line 5: clip .* has subject '2' .*\(see line 3\)"),
        (
            HEAD + "a,1,mask,0,attack,1\na,1,print,1,attack,1\n",
            "line 3: clip 'a' has attack 'print' here but 'mask' before",
        ),
        (
            HEAD + "a,1,,3,live,0.1\na,1,,4,live,0.1\na,1,,3,live,0.1\n",
            r"line 4: clip 'a' has frame 3 twice.*\(see line 2\)",
        ),
        (b"label,score\nlive,\xff\n", "not UTF-8"),
        ('label,score\nlive,"0.1\n', "not valid CSV"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(written, text, message):
    path = written(text)
    with pytest.raises(ScoreError, match=message) as caught:
        read_scores(path)
    assert str(caught.value).startswith(str(path))


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(ScoreError, match=r"absent\.csv: cannot"):
        read_scores(tmp_path / "absent.csv")
    with pytest.raises(ScoreError, match="cannot be read"):
        read_scores(tmp_path)


def test_lines_are_right_beyond_the_first_chunk(written, monkeypatch):
    monkeypatch.setattr(score_file, "ROWS_AT_ONCE", 4)
    rows = "".join(f"c{n},{n % 2},0.{n}\n" for n in range(11))
    table = read_scores(written("clip,label,score\n" + rows))
    assert table.clip.tolist() == [f"c{n}" for n in range(11)]
    with pytest.raises(ScoreError, match="line 13: label 'x'"):
        read_scores(written("clip,label,score\n" + rows + "c,x,0\n"))
    with pytest.raises(ScoreError, match=r"line 13: clip 'c0' has label 'attack' .*line 2\)"):
        read_scores(written("clip,label,score\n" + rows + "c0,1,0\n"))


def test_equal_texts_share_one_string(written):
    domains = read_scores(written("label,score,domain\n" + "live,1,Replay-Attack\n" * 3)).domain
    assert domains[0] is domains[2]


def test_the_caller_sees_the_progress(written):
    seen = []

    def track(items, title, total=None):
        for item in items:
            seen.append(title)
            yield item

    read_scores(written("label,score\nlive,1\n"), track=track)
    assert seen == ["reading scores.csv"]

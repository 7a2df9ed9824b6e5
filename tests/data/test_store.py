"""The store: what other programs read in it, and any rows in any order."""

import pickle
import random
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sincera.clip import Clip, Label
from sincera.data.store import ClipRecord, FaceRow, Preparation, Store, differences, reader, shards
from sincera.errors import StoreError
from sincera.faces.spec import CropSpec

SIZE = 24
PREPARATION = Preparation(views={"face": CropSpec(size=SIZE), "context": CropSpec(size=SIZE, margin=1.5)})
CLIPS, FRAMES = 60, 3


def picture(seed):
    small = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), np.uint8)
    return cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def jpeg(seed):
    return cv2.imencode(".jpg", picture(seed)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def clip(number):
    attack = ("", "print", "display")[number % 3]
    label = Label.ATTACK if attack else Label.LIVE
    name = f"{number:02}.avi"
    return Clip(Path("set") / name, label, attack, "AB"[number % 2], f"p{number % 7}", "dev", {"room": "2"}, name=name)


def rows(number):
    """Crops of one clip; every fifth has none, every third a depth map."""
    if number % 5 == 4:
        return []
    depth = np.full((32, 32), number / 100, np.float32) if number % 3 == 0 else None
    return [
        FaceRow(
            frame=10 * frame,
            time=None if number == 0 else frame / 2,
            view=view,
            box=np.array([1, 2, 3, number], np.float32),
            points=np.arange(10, dtype=np.float32).reshape(5, 2) + frame,
            confidence=0.5,
            jpeg=jpeg(1000 * number + 10 * frame + v),
            depth=depth,
        )
        for frame in range(FRAMES)
        for v, view in enumerate(PREPARATION.views)
    ]


def record(number):
    found = rows(number)
    return ClipRecord(
        clip(number),
        "ok" if found else "no_face",
        frames_asked=FRAMES,
        frames_with_face=FRAMES if found else 0,
        size=100 + number,
        attributes={"age": 20.0 + number, f"hair={'red' if number % 2 else 'brown'}": 1.0} if number < 10 else {},
        extras=("depth",) if number % 3 == 0 and found else (),
    )


def write(folder, cut):
    """The same clips in shards of `cut` clips."""
    folder.mkdir()
    text, placed = PREPARATION.to_json(), []
    for start in range(0, CLIPS, cut):
        numbers = range(start, min(start + cut, CLIPS))
        name = shards.shard_name("A+B", [clip(number).key for number in numbers], text)
        header = shards.write_shard(folder / name, text, [(record(number), rows(number)) for number in numbers])
        placed += header.placed()
    shards.write_clips(folder, text, placed)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("store") / "s", 25)


@pytest.fixture
def store(folder):
    return Store.open(folder)


def expected_rows():
    """(clip number, row) in the store's order, by sorting."""
    numbers = sorted(range(CLIPS), key=lambda number: (clip(number).domain, clip(number).name))
    return [(number, row) for number in numbers for row in rows(number)]


def test_columns_are_arrays_over_rows(store):
    wanted = expected_rows()
    assert len(store) == len(wanted) == 48 * FRAMES * 2
    assert [store.clips[i].name for i in store.clip] == [clip(number).name for number, _ in wanted]
    assert store.frame.tolist() == [row.frame for _, row in wanted]
    assert store.view.tolist() == [row.view for _, row in wanted]
    np.testing.assert_array_equal(store.box, [row.box for _, row in wanted])
    np.testing.assert_array_equal(store.points, [row.points for _, row in wanted])
    np.testing.assert_array_equal(store.confidence, np.full(len(wanted), 0.5, np.float32))
    np.testing.assert_array_equal(store.time, [np.nan if row.time is None else row.time for _, row in wanted])
    assert (store.frame.dtype, store.box.dtype, store.clip.dtype) == (np.int32, np.float32, np.int32)


def test_any_rows_in_any_order(store):
    wanted = expected_rows()
    dice = random.Random(3)
    for count in (1, 3, 50):
        numbers = [dice.randrange(len(wanted)) for _ in range(count)]
        assert store.jpegs(numbers) == [wanted[number][1].jpeg for number in numbers]
        crops = store.crops(numbers)
        assert (crops.shape, crops.dtype) == ((count, SIZE, SIZE, 3), np.uint8)
        for crop, number in zip(crops, numbers, strict=True):
            decoded = cv2.imdecode(np.frombuffer(wanted[number][1].jpeg, np.uint8), cv2.IMREAD_COLOR)
            np.testing.assert_array_equal(crop, decoded[..., ::-1])
    assert store.crops([]).shape == (0, SIZE, SIZE, 3)
    np.testing.assert_array_equal(store.crops([7, 8, 9, 10, 11], threads=1), store.crops([7, 8, 9, 10, 11], threads=3))


def test_rows_of_some_clips_in_one_view(store):
    some = [clip(3), clip(8), clip(4)]
    got = store.rows(some)
    assert {store.clips[i].name for i in store.clip[got]} == {"03.avi", "08.avi"}
    assert set(store.view[got]) == {"face"}
    assert len(store.rows(some, "context")) == len(got) == 2 * FRAMES
    assert len(store.rows()) == len(store) / 2
    with pytest.raises(StoreError, match="no view 'wide'; it holds face, context"):
        store.rows(some, "wide")
    stranger = Clip(Path("x"), Label.LIVE, "", "Z", "1", "train", name="x.avi")
    with pytest.raises(StoreError, match=r"Z/x\.avi is not in this store of 60 clips"):
        store.rows([stranger])
    with pytest.raises(StoreError, match="rows -1 to 5"):
        store.jpegs([5, -1])


def test_outcomes_keep_clips_without_a_face(store):
    assert store.outcomes.count("no_face") == 12
    assert store.records[store.index(clip(4))].frames_asked == FRAMES


def test_extras_are_nan_where_a_clip_has_none(store):
    assert store.has("depth")
    assert not store.has("mask")
    numbers = store.rows([clip(3), clip(1)])
    depth = store.extra("depth", numbers)
    assert depth.shape == (2 * FRAMES, 32, 32)
    names = [store.clips[i].name for i in store.clip[numbers]]
    for name, seen in zip(names, depth, strict=True):
        assert np.isnan(seen).all() if name == "01.avi" else (seen == np.float32(0.03)).all()
    with pytest.raises(StoreError, match="no clip carries 'mask'"):
        store.extra("mask", numbers)


def test_a_word_that_another_person_has_is_zero_and_an_unknown_one_nan(store):
    assert store.attribute_names == ("age", "hair=brown", "hair=red")
    three, eleven = store.rows([clip(3)])[0], store.rows([clip(11)])[0]
    np.testing.assert_array_equal(store.extra("attributes", [three, eleven]), [[23, 0, 1], [np.nan] * 3])


def test_the_cut_into_shards_does_not_matter(store, tmp_path):
    other = Store.open(write(tmp_path / "other", 7))
    assert other.digest == store.digest
    assert other.records == store.records
    assert other.jpegs(range(len(other))) == store.jpegs(range(len(store)))
    np.testing.assert_array_equal(other.points, store.points)


def test_little_memory_gives_the_same_crops(store, folder, monkeypatch):
    monkeypatch.setattr(reader, "CACHE_BYTES", 1)
    monkeypatch.setattr(reader, "OPEN_FILES", 1)
    small = Store.open(folder)
    numbers = np.random.default_rng(0).permutation(len(store))
    assert small.jpegs(numbers, threads=3) == store.jpegs(numbers)
    assert len(small._cache._groups) == 1


def test_another_process_gets_the_same_store(store):
    twin = pickle.loads(pickle.dumps(store))
    assert twin.digest == store.digest
    assert twin.jpegs([3]) == store.jpegs([3])


def test_pandas_reads_it(folder):
    table = pd.read_parquet(sorted(folder.glob("faces-*.parquet")))
    names = {"clip", "frame", "time", "view", "box", "points", "confidence", "sha256", "jpeg", "depth", "mask"}
    assert names | {"label", "attack", "domain", "subject", "split", "conditions", "attributes"} == set(table.columns)
    one = table[(table["clip"] == "03.avi") & (table["view"] == "face")].sort_values("frame")
    assert one.jpeg.tolist() == [row.jpeg for row in rows(3) if row.view == "face"]
    assert one.sha256.iloc[0] == rows(3)[0].sha256
    assert dict(one.conditions.iloc[0]) == {"room": "2"}
    clips = pd.read_parquet(folder / "clips.parquet")
    assert len(clips) == CLIPS
    assert set(clips.outcome) == {"ok", "no_face"}
    assert clips.frames_asked.eq(FRAMES).all()


def test_duckdb_reads_it(folder):
    counts = duckdb.sql(
        f"select label, count(*), count(depth), max(box[4]) from '{folder}/faces-*.parquet' group by label"
    ).fetchall()
    found = expected_rows()
    for label, number, deep, last in counts:
        of_label = [(n, row) for n, row in found if clip(n).label == label]
        assert number == len(of_label)
        assert deep == sum(row.depth is not None for _, row in of_label)
        assert last == max(n for n, _ in of_label)
    assert duckdb.sql(f"select sum(frames_with_face) from '{folder}/clips.parquet'").fetchall() == [(48 * FRAMES,)]


def test_the_file_is_laid_out_for_random_reading(folder):
    for path in folder.glob("faces-*.parquet"):
        meta = pq.read_metadata(path)
        groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
        assert all(group.num_rows == 128 for group in groups[:-1])
        jpegs = [g.column(i) for g in groups for i in range(g.num_columns) if g.column(i).path_in_schema == "jpeg"]
        assert {column.compression for column in jpegs} == {"UNCOMPRESSED"}
        assert not any("DICTIONARY" in encoding for column in jpegs for encoding in column.encodings)
        assert b"sincera.preparation" in meta.metadata


def test_settings_are_read_back(store):
    assert store.preparation.views == PREPARATION.views
    assert store.preparation.sampling == PREPARATION.sampling
    assert store.views == ("face", "context")


def test_what_is_no_store_is_said_so(folder, tmp_path):
    with pytest.raises(StoreError, match="no crop store"):
        Store.open(tmp_path / "nowhere")
    torn = tmp_path / "torn"
    shutil.copytree(folder, torn)
    first = sorted(torn.glob("faces-*"))[0]
    first.unlink()
    with pytest.raises(StoreError, match=f"1 shards are missing, first {first.name}"):
        Store.open(torn)
    (torn / "clips.parquet").write_bytes(b"no table")
    with pytest.raises(StoreError, match="not the clips of a crop store"):
        Store.open(torn)
    (torn / "clips.parquet").unlink()
    with pytest.raises(StoreError, match=r"not finished \(2 shards\)"):
        Store.open(torn)
    with pytest.raises(StoreError, match="not a shard of a crop store"):
        shards.read_header(write_junk(torn / "faces-x.parquet"))


def write_junk(path):
    path.write_bytes(b"PAR1 junk")
    return path


def test_a_damaged_crop_is_named_damaged(tmp_path):
    header = shards.write_shard(
        tmp_path / "faces-A-0.parquet",
        PREPARATION.to_json(),
        [(record(1), [FaceRow(0, 0.0, "face", np.zeros(4), np.zeros((5, 2)), 1.0, b"no jpeg")])],
    )
    shards.write_clips(tmp_path, PREPARATION.to_json(), list(header.placed()))
    with pytest.raises(StoreError, match="cannot be decoded"):
        Store.open(tmp_path).crops([0])


def test_every_stated_fact_changes_the_digest(tmp_path):
    def digest(name, given):
        folder = tmp_path / name
        folder.mkdir()
        header = shards.write_shard(folder / "faces-A-0.parquet", PREPARATION.to_json(), [(given, rows(1))])
        shards.write_clips(folder, PREPARATION.to_json(), list(header.placed()))
        return Store.open(folder).digest

    base, same = record(1), clip(1)
    digests = [digest("base", base)]
    changes = {"split": "test", "subject": "other", "conditions": {}, "name": "other.avi", "domain": "Z", "attack": "x"}
    for name, value in changes.items():
        digests.append(digest(name, replace(base, clip=replace(same, **{name: value}))))
    digests.append(digest("attributes", replace(base, attributes={})))
    assert len(set(digests)) == len(digests)
    assert digest("path", replace(base, clip=replace(same, path=Path("elsewhere")))) == digests[0]


def test_differences_name_both_sides():
    assert differences({"a": {"b": 1}, "c": 2}, {"a": {"b": 1}, "c": 2}) == ()
    assert differences({"a": {"b": 1}}, {"c": 2}) == (
        "a.b: 1 in the store, absent asked for",
        "c: absent in the store, 2 asked for",
    )

"""Preparation: what lands in the store, what is set aside, and that stopping it changes nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import squares

from sincera.data.prepare import Preparation, chunks, prepare, run
from sincera.data.prepare.clip import encode
from sincera.data.store import Store, shards
from sincera.errors import MissingExtraError, StoreError, UsageError
from sincera.faces.crop import crop
from sincera.media import Sampling, read_frames

SCRIPT = Path(__file__).with_name("squares.py")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    squares.make_set(folder)
    return folder


@pytest.fixture
def clips(root):
    return squares.list_set(root)


def prepared(clips, folder, preparation=squares.PREPARATION, **options):
    return prepare(clips, folder, preparation, workers=1, opener=squares.open_squares, **options)


def contents(folder):
    """Everything a store says, by clip: independent of shards and of the order of work."""
    store = Store.open(folder)
    shas = np.array([hash(jpeg) for jpeg in store.jpegs(np.arange(len(store)))])
    return [
        (store.digest, record, [column[store.clip == i].tolist() for column in (store.frame, store.view, shas)])
        for i, record in enumerate(store.records)
    ]


def test_every_clip_has_its_outcome_and_its_crops(clips, tmp_path):
    summary = prepared(clips, tmp_path)
    store = Store.open(tmp_path)
    assert [clip.key for clip in store.clips] == [clip.key for clip in clips]
    assert store.outcomes == ("ok", "no_face", "unreadable", *["ok"] * 10)
    assert (summary.clips, summary.frames, summary.faces, summary.no_face) == (13, 9 + 3 * 4, 8 + 3 * 4, 1)
    assert [key for key, _ in summary.set_aside] == ["A/002.png"]
    assert "cut short" in summary.set_aside[0][1]
    assert str(clips[0].path.parent) not in summary.set_aside[0][1]
    video = store.records[-1]
    assert (video.width, video.height, video.length, video.fps, video.frames_asked) == (96, 72, 9, 10.0, 4)
    assert video.size == clips[-1].path.stat().st_size
    assert store.clips[-1] == clips[-1]


def test_a_crop_is_what_the_crop_function_gives(clips, tmp_path):
    prepared(clips, tmp_path)
    store = Store.open(tmp_path)
    clip = clips[-1]
    indices = Sampling(4).indices(9)
    for name, spec in squares.PREPARATION.views.items():
        rows = store.rows([clip], name)
        assert store.frame[rows].tolist() == list(indices)
        for row, frame in zip(rows, read_frames(clip.path, indices), strict=True):
            face = squares.Squares().detect(frame.image)[0]
            np.testing.assert_array_equal(store.box[row], face.box)
            assert store.time[row] == pytest.approx(frame.index / 10)
            expected = crop(frame.image, face, spec).astype(int)
            got = store.crops(row)[0].astype(int)
            assert got.shape == (spec.size, spec.size, 3)
            assert np.abs(got - expected).mean() < 3


def test_colour_keeps_its_full_resolution():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = (200, 30, 30)
    stripes[:, 1::2] = (30, 30, 200)
    decoded = cv2.imdecode(np.frombuffer(encode(stripes, 95), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(decoded.astype(int) - stripes).max() < 25


def test_the_order_of_clips_and_the_cut_into_shards_do_not_matter(clips, tmp_path, monkeypatch):
    prepared(clips, tmp_path / "one")
    monkeypatch.setattr(chunks, "ROWS_PER_GROUP", 8)
    prepared(clips[::-1], tmp_path / "two")
    assert len(list((tmp_path / "two").glob("faces-*"))) > len(list((tmp_path / "one").glob("faces-*")))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_few_long_clips_are_work_for_several_cores(clips):
    five = [replace(clips[-1], name=f"{number}.avi") for number in range(5)]
    cut = list(chunks.chunks(five, (), Path("store"), Preparation(Sampling(8)), squares.open_squares))
    assert [len(one.clips) for one in cut] == [2, 2, 1]


@pytest.mark.parametrize("survivors", range(5))
def test_stopped_after_any_shard_it_goes_on_to_the_same_store(clips, tmp_path, monkeypatch, survivors):
    monkeypatch.setattr(chunks, "ROWS_PER_GROUP", 8)
    prepared(clips, tmp_path / "whole")
    write, left = chunks.write_shard, iter(range(survivors))

    def dying(*work):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return write(*work)

    monkeypatch.setattr(chunks, "write_shard", dying)
    with pytest.raises(KeyboardInterrupt):
        prepared(clips, tmp_path / "torn")
    with pytest.raises(StoreError, match="not finished" if survivors else "no crop store"):
        Store.open(tmp_path / "torn")
    (tmp_path / "torn" / ".faces-A-0.parquet.1.tmp").write_bytes(b"half a file")
    monkeypatch.setattr(chunks, "write_shard", write)
    prepared(clips, tmp_path / "torn")
    assert contents(tmp_path / "torn") == contents(tmp_path / "whole")
    assert sorted(p.name for p in (tmp_path / "torn").iterdir()) == sorted(
        p.name for p in (tmp_path / "whole").iterdir()
    )


def start(root, store, workers=2, pause=0.0, *address):
    command = [sys.executable, SCRIPT, root, store, str(workers), str(pause), *address]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def group_is_gone(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return True
    return False


def test_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path, monkeypatch):
    clips = squares.make_set(tmp_path / "set", pictures=30, videos=6)
    monkeypatch.setattr(chunks, "ROWS_PER_GROUP", 8)
    prepared(clips, tmp_path / "whole")
    names = {path.name for path in (tmp_path / "whole").glob("faces-*")}
    dice = random.Random(7)
    for enough in (1, 5):
        running = start(tmp_path / "set", tmp_path / "torn", 2, 0.03)
        assert wait_until(lambda: len(list((tmp_path / "torn").glob("faces-*"))) >= enough)  # noqa: B023
        time.sleep(dice.uniform(0, 0.1))
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        assert wait_until(lambda: group_is_gone(running.pid)), "workers outlived their parent"  # noqa: B023
        done = {path.name for path in (tmp_path / "torn").glob("faces-*")}
        assert enough <= len(done) < len(names), "killed too late to prove anything"
        assert done < names
    running = start(tmp_path / "set", tmp_path / "torn")
    assert running.wait() == 0, running.stderr.read()
    running.communicate()
    assert {path.name for path in (tmp_path / "torn").glob("faces-*")} == names
    assert list((tmp_path / "torn").glob(".*.tmp")) == []
    assert contents(tmp_path / "torn") == contents(tmp_path / "whole")


def test_a_worker_that_dies_is_said_in_one_line(root, tmp_path):
    running = start(root, tmp_path / "store", 2, -1)
    _, said = running.communicate()
    assert "StoreError: a worker process died" in said.splitlines()[-1]
    assert list((tmp_path / "store").glob("faces-*")) == []


def test_without_ray_the_extra_is_named(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"sincera\[ray\]"):
        prepared(clips, tmp_path, ray="local")


def test_a_store_that_cannot_be_written_is_said_so(clips, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shards.pq, "write_table", full)
    with pytest.raises(StoreError, match="No space left on device"):
        prepared(clips, tmp_path)
    assert list(tmp_path.glob(".*.tmp")) == []


def test_annotations_are_missed_before_the_work_begins(clips, tmp_path):
    with pytest.raises(UsageError, match="no clip of A, B has an annotation"):
        prepare(clips, tmp_path, Preparation(detector="annotated"), workers=1)


def test_a_ray_cluster_gives_the_same_store(clips, root, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "ROWS_PER_GROUP", 8)
    prepared(clips, tmp_path / "here")
    running = start(root, tmp_path / "ray", 2, 0.0, "local")
    _, said = running.communicate()
    assert running.returncode == 0, said
    assert contents(tmp_path / "ray") == contents(tmp_path / "here")


def test_what_is_there_is_not_done_again_and_more_can_be_added(clips, tmp_path, monkeypatch):
    some = [clip for clip in clips if clip.domain == "A"]
    assert prepared(some, tmp_path).before == 0
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("faces-*")}
    monkeypatch.setattr(chunks.Chunk, "write", lambda chunk: pytest.fail("prepared again"))
    again = prepared(some, tmp_path)
    assert (again.before, again.clips, again.faces) == (10, 10, 8)
    monkeypatch.undo()
    assert prepared(clips, tmp_path).before == 10
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    prepared(clips, tmp_path / "at once")
    assert contents(tmp_path) == contents(tmp_path / "at once")


def test_other_settings_are_refused_with_what_differs(clips, tmp_path):
    prepared(clips, tmp_path)
    other = replace(squares.PREPARATION, sampling=Sampling(5), views={"tight": replace(squares.TIGHT, size=32)})
    with pytest.raises(StoreError) as refused:
        prepared(clips, tmp_path, other)
    assert "sampling.frames: 4 in the store, 5 asked for" in str(refused.value)
    assert "views.tight.size: 48 in the store, 32 asked for" in str(refused.value)
    assert "views.wide.size: 64 in the store, absent asked for" in str(refused.value)


def test_a_file_that_changed_is_prepared_anew(tmp_path):
    clips = squares.make_set(tmp_path / "set", pictures=4, videos=0)
    prepared(clips, tmp_path / "store")
    cv2.imwrite(str(clips[2].path), squares.picture(2))  # the damaged one, repaired
    assert prepared(clips, tmp_path / "store").set_aside == ()
    assert Store.open(tmp_path / "store").outcomes == ("ok", "no_face", "ok", "ok")


def test_new_facts_reach_the_shards_without_new_crops(clips, tmp_path, monkeypatch):
    prepared(clips, tmp_path)
    before = Store.open(tmp_path)
    moved = [replace(clip, split="test", conditions={"light": "bright"}) for clip in clips]
    monkeypatch.setattr(chunks.Chunk, "write", lambda chunk: pytest.fail("prepared again"))
    prepared(moved, tmp_path)
    after = Store.open(tmp_path)
    assert after.clips == tuple(moved)
    assert {clip.conditions["light"] for clip in after.clips} == {"bright"}
    assert after.jpegs(np.arange(len(after))) == before.jpegs(np.arange(len(before)))
    assert after.digest != before.digest
    headers = [run.read_header(path) for path in tmp_path.glob("faces-*")]
    assert {record.clip.split for header in headers for record in header.records} == {"test"}


def test_moved_files_are_the_same_clips(clips, root, tmp_path):
    prepared(clips, tmp_path)
    digest = Store.open(tmp_path).digest
    link = tmp_path / "elsewhere"
    link.symlink_to(root)
    there = [replace(clip, path=link / clip.path.relative_to(root)) for clip in clips]
    assert prepared(there, tmp_path).before == len(clips)
    assert Store.open(tmp_path).digest == digest
    assert Store.open(tmp_path).clips[0].path == there[0].path


def test_two_at_once_are_refused(clips, tmp_path):
    with run._alone_in(tmp_path), pytest.raises(StoreError, match="another process is preparing"):
        prepared(clips, tmp_path)


def test_wrong_use_is_said_early(clips, tmp_path):
    with pytest.raises(UsageError, match="no clips"):
        prepared([], tmp_path)
    with pytest.raises(UsageError, match=r"two clips are called A/000\.png"):
        prepared([clips[0], clips[0]], tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is a file"):
        prepared(clips, tmp_path / "file")
    with pytest.raises(ValueError, match="without views"):
        Preparation(views={})


def test_progress_counts_every_clip(clips, tmp_path):
    seen = []

    def track(items, title, total=None):
        seen.append((title, total))
        for item in items:
            seen.append(item.clip.key)
            yield item

    prepared(clips, tmp_path, track=track)
    assert seen == [("preparing", 13), *[clip.key for clip in clips]]

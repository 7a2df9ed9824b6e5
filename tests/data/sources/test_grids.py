"""The four grids: as many cells as the owners released, named as they name them."""

import re
from collections import Counter

from sincera.clip import SPLITS
from sincera.data.counts import official_counts
from sincera.data.sources import msu, replay

NAMES = {
    "O": r"(Train|Dev|Test)_files/[1-6]_[1-3]_(0[1-9]|[1-4]\d|5[0-5])_[1-5]\.avi",
    "C": r"(train|test)_release/([1-9]|[12]\d|30)/([1-8]|HR_[1-4])\.avi",
    "I": r"(train|devel|test)/(real/client\d{3}_session01_webcam_authenticate_(controlled|adverse)_[12]"
    r"|attack/(fixed|hand)/attack_(print|mobile|highdef)_client\d{3}_session01_(highdef|mobile)_(photo|video)"
    r"_(controlled|adverse))\.mov",
    "M": r"scene01/(real/real|attack/attack)_client\d{3}_(android|laptop)_SD"
    r"(_(ipad_video|iphone_video|printed_photo))?_scene01\.(mp4|mov)",
}


def test_paths_are_the_owners_and_no_two_cells_share_one(key, source):
    paths = [source.path(cell) for cell in source.grid()]
    assert len(set(paths)) == len(paths)
    assert [path for path in paths if not re.fullmatch(NAMES[key], path)] == []


def test_the_grid_has_the_official_counts(key, source):
    official = official_counts(key)
    cells = source.grid()
    for split in SPLITS:
        here = [cell for cell in cells if cell.split == split]
        if split not in official:
            assert here == []
            continue
        counts = official[split]
        assert Counter(cell.attack for cell in here if cell.attack) == counts.attacks
        assert sum(cell.attack == "" for cell in here) == counts.live
        assert len({cell.subject for cell in here}) == counts.subjects


def test_the_totals_of_the_release():
    totals = {key: sum(c.live + c.attack for c in official_counts(key).values()) for key in "OCIM"}
    assert totals == {"O": 4950, "C": 600, "I": 1200, "M": 280}


def test_a_label_follows_from_the_attack_and_nobody_is_in_two_splits(source):
    splits = {}
    for cell in source.grid():
        assert (cell.label == "live") == (cell.attack == "")
        assert splits.setdefault(cell.subject, cell.split) == cell.split


def test_subjects_are_the_owners_ids_unpadded(key, source):
    subjects = {cell.subject for cell in source.grid()}
    assert {"O": "7", "C": "test/7", "I": "103", "M": "55"}[key] in subjects
    assert not any(re.search(r"(^|/)0", subject) for subject in subjects)


def test_replay_clients_have_four_real_and_twenty_attacks_each():
    by_client = Counter((cell.client, cell.purpose) for cell in replay.grid())
    assert set(by_client.values()) == {4, 20}
    assert {cell.sample for cell in replay.grid() if cell.attack == "print"} == {"highdef"}


def test_replay_enrolment_is_two_live_clips_a_client_apart_from_the_grid():
    extra = replay.enrolment_grid()
    assert len(extra) == 100
    assert {cell.label for cell in extra} == {"live"}
    assert not {replay.path(cell) for cell in extra} & {replay.path(cell) for cell in replay.grid()}


def test_six_msu_clips_are_stored_upside_down():
    turned = [msu.path(cell) for cell in msu.grid() if cell.rotation]
    assert len(turned) == 6
    assert all("real" in path and "android" in path for path in turned)


def test_annotations_lie_where_no_video_does(source):
    cells = source.grid()
    annotations = {source.annotation_path(cell) for cell in cells}
    assert len(annotations) == len(cells)
    assert not annotations & {source.path(cell) for cell in cells}

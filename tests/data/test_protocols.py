"""Protocols: spelled as documented, counted as published, and never a person on two sides."""

import csv
from importlib.resources import files
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sincera.clip import SPLITS, Clip, Label
from sincera.data.protocols import (
    PROTOCOLS,
    Lists,
    Selector,
    cross,
    from_toml,
    parse_protocol,
)
from sincera.data.protocols.overview import overview, overview_text
from sincera.data.protocols.protocol import CONVENTIONS, VALIDATIONS
from sincera.data.sources import casia, msu, oulu, replay
from sincera.errors import ProtocolError

MODULES = {"O": oulu, "C": casia, "I": replay, "M": msu}


def clip(domain, name, label, subject, split="train", attack="print", **conditions) -> Clip:
    attack = attack if label == "attack" else ""
    return Clip(Path(name), Label(label), attack, domain, subject, split, conditions, name=name)


def grid_clips(domain: str) -> list[Clip]:
    module = MODULES[domain]
    return [
        Clip(Path(), cell.label, cell.attack, domain, cell.subject, cell.split, cell.conditions, name=module.path(cell))
        for cell in module.grid()
    ]


def folder_clips(domain: str, people: int = 10, split: str = "train") -> list[Clip]:
    return [
        clip(domain, f"{label}/{person}/{take}.png", label, f"p{person}", split)
        for person in range(people)
        for label in ("live", "attack")
        for take in range(2)
    ]


FULL = [clip for domain in MODULES for clip in grid_clips(domain)]
WITH_FOLDERS = [*FULL, *folder_clips("nuaa"), *folder_clips("webcam", 7)]


def sizes(clips) -> tuple[int, int]:
    live = sum(clip.label == "live" for clip in clips)
    return live, len(clips) - live


def people(clips) -> set[str]:
    return {clip.person for clip in clips}


def assert_sound(lists: Lists) -> None:
    """No person on two sides, no clip twice."""
    parts = (lists.train, lists.dev, lists.test)
    for first, second in combinations(parts, 2):
        assert not people(first) & people(second)
    keys = [clip.key for part in parts for clip in part]
    assert len(set(keys)) == len(keys)


def published(run: str, convention: str, side: str) -> tuple[int, int]:
    rows = csv.DictReader(files("sincera.data").joinpath("official_counts.csv").read_text("utf-8").splitlines())
    name = f"{run.replace(':', '_to_')}/{convention}/{side}"
    found = {row["label"]: int(row["items"]) for row in rows if row["dataset"] == "ocim" and row["split"] == name}
    return found["real"], found["attack"]


@pytest.mark.parametrize("run", ["OCI:M", "OMI:C", "OCM:I", "ICM:O"])
@pytest.mark.parametrize(("lists", "convention"), [("all", "ssdg"), ("split", "ssan")])
def test_cross_set_counts_are_the_published_ones(run, lists, convention):
    found = parse_protocol(run, lists=lists, validation="none").divide(FULL)
    assert sizes(found.train) == published(run, convention, "source")
    assert sizes(found.test) == published(run, convention, "target")
    assert found.dev == ()
    assert_sound(found)


@pytest.mark.parametrize(
    ("run", "train", "test"),
    [("OCI:M", (1340, 5410), (70, 210)), ("ICM:O", (420, 1660), (990, 3960)), ("OCM:I", (1210, 4620), (200, 1000))],
)
def test_whole_takes_every_released_clip(run, train, test):
    found = parse_protocol(run, lists="whole", validation="none").divide(FULL)
    assert sizes(found.train) == train
    assert sizes(found.test) == test


def test_under_whole_dev_people_validate_and_the_sources_are_those_of_all():
    whole, every = (parse_protocol("OCI:M", lists=lists).divide(FULL) for lists in ("whole", "all"))
    assert whole.train == every.train
    assert whole.dev == every.dev
    assert {clip.split for clip in whole.dev if clip.domain in "OI"} == {"dev"}


@pytest.mark.parametrize("lists", ["all", "split"])
def test_source_validation_takes_dev_parts_or_a_fifth_of_the_train_people(lists):
    protocol = parse_protocol("OCM:I", lists=lists)
    exact = parse_protocol("OCM:I", lists=lists, validation="none").divide(FULL)
    found = protocol.divide(FULL)
    by_domain = {domain: {clip.subject for clip in found.dev if clip.domain == domain} for domain in "OCM"}
    assert by_domain["O"] == {str(user) for user in range(21, 36)}
    assert len(by_domain["C"]) == 4  # of 20
    assert len(by_domain["M"]) == 3  # of 15
    assert all(subject.startswith("train/") for subject in by_domain["C"])
    assert {clip.split for clip in found.dev if clip.domain in "CM"} == {"train"}
    moved = {clip.key for clip in exact.train} - {clip.key for clip in found.train}
    assert moved == {clip.key for clip in found.dev if clip.domain in "CM"}
    assert found.test == exact.test
    assert any(note.startswith("C: 4 of 20 train subjects validate (seed 0)") for note in found.notes)


def test_the_seed_chooses_the_validation_people():
    draws = [people(parse_protocol("MI:C", seed=seed).divide(FULL).dev) for seed in range(4)]
    assert len({frozenset(draw) for draw in draws}) == 4
    assert people(parse_protocol("MI:C", seed=2).divide(FULL).dev) == draws[2]


def test_the_same_people_validate_in_every_convention_and_run():
    drawn = {
        frozenset(person for person in people(parse_protocol(name, lists=lists).divide(FULL).dev) if person[0] == "C")
        for name in ("OCI:M", "OC:I", "CM:O")
        for lists in CONVENTIONS
    }
    assert len(drawn) == 1


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if ":" in name or name.startswith("oulu")])
@pytest.mark.parametrize("validation", VALIDATIONS)
def test_every_listed_protocol_is_sound_on_the_full_grids(name, validation):
    for lists in CONVENTIONS if ":" in name else ("all",):
        found = parse_protocol(name, lists=lists, validation=validation).divide(FULL)
        assert_sound(found)
        assert bool(found.dev) == (validation == "source")
        for part in (found.train, found.test):
            assert {clip.label for clip in part} == set(Label)


@pytest.mark.parametrize("name", ["nuaa+O+C:webcam", "webcam+M:nuaa", "OCIM:nuaa+webcam", "nuaa:webcam", "nuaa:M"])
@pytest.mark.parametrize("lists", CONVENTIONS)
def test_folder_sets_join_in(name, lists):
    found = parse_protocol(name, lists=lists).divide(WITH_FOLDERS)
    assert_sound(found)
    for domain in parse_protocol(name).sources:
        assert any(clip.domain == domain for clip in found.dev)


def test_an_undivided_folder_set_is_all_source_and_all_target():
    nuaa, webcam = folder_clips("nuaa"), folder_clips("webcam")
    for lists in CONVENTIONS:
        found = parse_protocol("nuaa:webcam", lists=lists, validation="none").divide([*nuaa, *webcam])
        assert len(found.train) == len(nuaa)
        assert len(found.test) == len(webcam)


def test_a_divided_folder_set_follows_the_convention():
    target = [*folder_clips("mine", 4), *(clip("mine", f"t{i}", label, "t", "test") for i, label in enumerate(Label))]
    counts = {
        lists: len(parse_protocol("M:mine", lists=lists).divide([*grid_clips("M"), *target]).test)
        for lists in ("all", "split")
    }
    assert counts == {"all": 18, "split": 2}


def test_a_part_of_an_official_set_is_not_taken_for_undivided():
    train_only = [clip for clip in grid_clips("M") if clip.split == "train"]
    with pytest.raises(ProtocolError, match="no clips to test on"):
        parse_protocol("C:M", lists="split").divide([*grid_clips("C"), *train_only])


def test_twenty_percent_of_a_folder_sets_people_validate_with_both_classes():
    clips = [clip("web", f"l{i}", "live", f"l{i}") for i in range(10)]
    clips += [clip("web", f"a{i}", "attack", f"a{i}") for i in range(5)]
    found = parse_protocol("web:M").divide([*clips, *grid_clips("M")])
    assert len(people(found.dev)) == 3
    assert {clip.label for clip in found.dev} == {clip.label for clip in found.train} == set(Label)


def test_one_person_alone_cannot_be_kept_aside():
    clips = [clip("web", f"{label}", label, "me") for label in Label]
    found = parse_protocol("web:M").divide([*clips, *grid_clips("M")])
    assert found.dev == ()
    assert "too few subjects" in found.notes[0]


OULU_COUNTS = {
    "oulu/1": ((240, 960), (180, 720), (120, 480)),
    "oulu/2": ((360, 720), (270, 540), (360, 720)),
    **{f"oulu/3/{k}": ((300, 1200), (225, 900), (60, 240)) for k in range(1, 7)},
    **{f"oulu/4/{k}": ((200, 400), (150, 300), (20, 40)) for k in range(1, 7)},
}


@pytest.mark.parametrize("name", OULU_COUNTS)
def test_oulus_protocols_have_the_published_counts(name):
    found = parse_protocol(name).divide(grid_clips("O"))
    assert (sizes(found.train), sizes(found.dev), sizes(found.test)) == OULU_COUNTS[name]
    assert_sound(found)
    assert parse_protocol(name, validation="none").divide(grid_clips("O")).dev == ()


def test_oulus_protocols_agree_with_the_owners_lines():
    text = oulu.side_files(oulu.grid())
    for name, file in (
        ("oulu/2", "Protocol_2/Test"),
        ("oulu/4/6", "Protocol_4/Train_6"),
        ("oulu/3/1", "Protocol_3/Dev_1"),
    ):
        lists = parse_protocol(name).divide(grid_clips("O"))
        part = {"Test": lists.test, "Trai": lists.train, "Dev_": lists.dev}[file.split("/")[1][:4]]
        stems = {line.split(",")[1] for line in text[f"Protocols/{file}.txt"].splitlines()}
        assert {Path(clip.name).stem for clip in part} == stems


class TestRefusals:
    def test_a_domain_without_clips_is_named(self):
        with pytest.raises(ProtocolError, match=r"no clips of domain M. Give M=FOLDER"):
            parse_protocol("C:M").divide(grid_clips("C"))

    def test_training_needs_both_classes(self):
        portraits = [clip("portraits", f"{i}", "live", f"{i}") for i in range(10)]
        with pytest.raises(ProtocolError, match="no attack clips to train on"):
            parse_protocol("portraits:M").divide([*portraits, *grid_clips("M")])

    def test_a_target_of_one_class_is_worth_a_note(self):
        portraits = [clip("portraits", f"{i}", "live", f"{i}") for i in range(3)]
        assert "test has no attack clips" in parse_protocol("M:portraits").divide([*portraits, *grid_clips("M")]).notes

    def test_people_on_two_sides_of_their_owners_split_leave_the_earlier_side(self):
        clips = [
            *folder_clips("mine", 6),
            *(clip("mine", f"d{i}", label, "p0", "dev") for i, label in enumerate(Label)),
        ]
        found = parse_protocol("mine:M").divide([*clips, *grid_clips("M")])
        assert_sound(found)
        assert people(found.dev) == {"mine/p0"}
        assert "mine/p0" not in people(found.train)


domains = st.sampled_from(["O", "C", "a", "b", "c"])
clip_lists = st.lists(
    st.builds(
        lambda domain, number, label, subject, split: clip(domain, f"{number}", label, f"{subject}", split),
        domains,
        st.integers(0, 10_000),
        st.sampled_from(["live", "attack"]),
        st.integers(0, 6),
        st.sampled_from(SPLITS),
    ),
    max_size=80,
    unique_by=lambda clip: clip.key,
)


@settings(max_examples=150, deadline=None)
@given(clip_lists, st.sampled_from(CONVENTIONS), st.sampled_from(VALIDATIONS), st.integers(0, 2), st.randoms())
def test_whatever_the_clips_no_person_stands_on_two_sides(clips, lists, validation, seed, random):
    present = sorted({clip.domain for clip in clips})
    for first, second in permutations(present, 2):
        protocol = cross((first,), (second,), lists=lists, validation=validation, seed=seed)
        try:
            found = protocol.divide(clips)
        except ProtocolError:
            continue
        assert_sound(found)
        shuffled = list(clips)
        random.shuffle(shuffled)
        assert protocol.divide(shuffled) == found


class TestToml:
    def write(self, folder, text):
        file = folder / "mine.toml"
        file.write_text(text)
        return file

    def test_selectors(self, tmp_path):
        file = self.write(
            tmp_path,
            """
            name = "two phones"
            [[train]]
            domains = ["O"]
            splits = ["train"]
            attacks = "print/*"
            conditions = { phone = [1, 2], session = "1" }
            [[train]]
            domains = ["casia"]
            labels = ["live"]
            subjects = ["train/*"]
            [[dev]]
            domains = ["O"]
            splits = ["dev"]
            [[test]]
            domains = ["M"]
            """,
        )
        protocol = from_toml(file)
        assert (protocol.name, protocol.sources, protocol.targets) == ("two phones", ("O", "C"), ("M",))
        found = protocol.divide(FULL)
        assert_sound(found)
        trained = [clip for clip in found.train if clip.domain == "O"]
        assert {clip.attack for clip in trained} == {"", "print/1", "print/2"}
        assert {clip.conditions["phone"] for clip in trained} == {"1", "2"}
        assert sizes(trained) == (40, 80)
        assert sizes([clip for clip in found.train if clip.domain == "C"]) == (48, 0)
        assert sizes([clip for clip in found.dev if clip.domain == "O"]) == (270, 1080)
        assert sizes([clip for clip in found.dev if clip.domain == "C"]) == (12, 0)
        assert sizes(found.test) == (70, 210)
        assert parse_protocol(str(file)) == protocol

    def test_within_one_set_people_of_two_lists_stay_in_the_later(self, tmp_path):
        file = self.write(tmp_path, '[[train]]\ndomains = ["M"]\n[[test]]\ndomains = ["M"]\nsplits = ["test"]\n')
        protocol = from_toml(file)
        assert protocol.name == "mine"
        found = protocol.divide(grid_clips("M"))
        assert_sound(found)
        assert sizes(found.test) == (40, 120)
        assert len(people(found.train)) == 12
        assert len(people(found.dev)) == 3
        assert any("20 subjects are tested and therefore left out" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("x = ", "cannot be read as TOML"),
            ("nam = 'x'", "unknown key 'nam'; did you mean name"),
            ("[[train]]\ndomain = ['O']", r"\[\[train\]\]: unknown key 'domain'; did you mean domains"),
            ("[[train]]\nsplits = ['train']", "domains is missing"),
            ("[[train]]\ndomains = ['O']\nsplits = ['devel']", "splits 'devel' is none of train, dev, test"),
            ("[[train]]\ndomains = ['O']\nlabels = ['real']", "labels 'real' is none of live, attack"),
            ("[[train]]\ndomains = [1.5]", "expected text, found 1.5"),
            ("[[train]]\ndomains = ['O']\nconditions = 3", "expected conditions = "),
            ("train = 3", "expected tables"),
            ("[[train]]\ndomains = ['O']", r"no \[\[test\]\]"),
            ("name = 3\n[[train]]\ndomains=['O']\n[[test]]\ndomains=['C']", "name: expected text"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path, text, message):
        with pytest.raises(ProtocolError, match=message):
            from_toml(self.write(tmp_path, text))

    def test_a_missing_file_is_an_error(self, tmp_path):
        with pytest.raises(ProtocolError, match="cannot be read"):
            parse_protocol(str(tmp_path / "none.toml"))


def test_a_selector_without_a_condition_on_the_clip_does_not_take_it():
    selector = Selector(("a",), conditions={"phone": ("1",)})
    assert not selector.takes(clip("a", "x", "live", "1"))
    assert selector.takes(clip("a", "x", "live", "1", phone="1"))


def test_the_overview_counts_what_can_be_divided_and_says_what_cannot():
    clips = [*grid_clips("M"), *grid_clips("C"), *[clip("faces", f"{i}", "live", f"{i}") for i in range(9)]]
    entries = overview(domains=("M", "C", "faces"), clips=clips)
    by_name = {entry.protocol.name: entry for entry in entries}
    assert by_name["MC:faces"].lists.counts()["test"] == {"live": 9, "attack": 0, "subjects": 9}
    assert overview(["faces:M"], clips=clips)[0].lists is None
    text = overview_text((*entries, *overview(["faces:M"], clips=clips)))
    assert "not possible: protocol faces→M: no attack clips" in text
    assert "M: 3 of 15 train subjects validate" in text
    assert overview(["faces:M"], clips=clips)[0].to_dict()["error"]
    plain = overview_text(overview())
    assert "oulu/4/6" in plain
    assert "OCI→M" in plain

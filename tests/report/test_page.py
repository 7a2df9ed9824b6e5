import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sincera.errors import RunError
from sincera.measures.selection import policies
from sincera.plots import picture_grid
from sincera.report import write_report
from sincera.report.examples import Example, Examples
from sincera.runs import Run

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Checks that elements close in order, and gathers what the tests ask for."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.headings = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def three(make_run):
    return [make_run("a"), make_run("b", seed=1, hter=0.2), make_run("c", method="dtda", protocol="OMI:C")]


def read(folders, out, **options):
    return Page(write_report(folders, out, **options).read_text())


def test_the_page_needs_nothing_from_outside(three, tmp_path):
    page = read(three, tmp_path / "report.html")
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    css = re.search("<style>(.*?)</style>", (tmp_path / "report.html").read_text(), re.DOTALL)[1]
    assert "url(" not in css
    assert "@import" not in css


def test_every_picture_has_words_and_headings_never_skip_a_level(three, tmp_path):
    for folders in (three, three[:1]):
        page = read(folders, tmp_path / "report.html")
        assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_identifiers_are_unique(three, tmp_path):
    page = read(three, tmp_path / "report.html")
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_the_page_tells_figures_lists_environment_and_recipe(three, tmp_path):
    text = " ".join(read(three, tmp_path / "report.html").text)
    for part in (
        "mean of 2 seeds",
        "16.0 %",
        "OMI:C",
        "sharpness",
        "18 live clips, 54 attack clips, 18 people, 576 crops (attacks: print 27, video 27)",
        "1f3a5c7",
        "ab" * 32,
        "optimiser.lr",
        "source-tuned",
    ):
        assert part in text


def test_simulation_is_said_only_where_all_is_simulated(make_run, tmp_path):
    simulated, real = make_run("a", simulated=True), make_run("b", seed=1)
    warning = "All faces here are simulated"
    assert warning in " ".join(read([simulated], tmp_path / "report.html").text)
    assert warning not in " ".join(read([simulated, real], tmp_path / "report.html").text)


def test_what_was_not_recorded_is_said_to_be(make_run, tmp_path):
    folder = make_run(counts=None, versions=None, commit=None, device=None, weights=[], recipe={})
    (folder / "log.jsonl").unlink()
    text = " ".join(read([folder], tmp_path / "report.html").text)
    assert "Counts were not recorded." in text
    assert "not recorded" in text
    assert "none: trained from scratch" in text


def test_notes_on_the_lists_are_told(make_run, tmp_path):
    assert "3 clips left out" in read([make_run(notes=["3 clips left out"])], tmp_path / "report.html").text


def test_words_from_runs_are_text_and_no_markup(make_run, tmp_path):
    name = "<script>alert(1)</script>"
    page = read([make_run(method=name)], tmp_path / "report.html")
    assert not page.all("script")
    assert name in "".join(page.text)


def test_examples_are_told_in_words(make_run, tmp_path, monkeypatch):
    shown = Examples({"live": (Example("data:image/jpeg;base64,AA==", 0.91, wrong=True),)}, "2 clips not shown.")
    monkeypatch.setattr("sincera.report.page.examples", lambda *arguments, **options: shown)
    page = read([make_run()], tmp_path / "report.html")
    assert [image["alt"] for image in page.all("img")] == ["Face crop, live, score 0.91, misjudged"]
    assert "2 clips not shown." in page.text


def test_the_page_is_written_whole_or_not_at_all(make_run, tmp_path):
    out = tmp_path / "report.html"
    out.write_text("before")
    with pytest.raises(RunError):
        write_report([make_run(), tmp_path / "absent"], out)
    assert out.read_text() == "before"


def test_a_run_that_the_measures_room_measured_fits(make_run, tmp_path):
    folder = make_run()
    run = Run(folder)
    found = policies(run.evaluations(), rounds=20)
    run.write_measures({"policies": {name: result.to_dict() for name, result in found.items()}, "cues": {}})
    page = read([folder], tmp_path / "report.html")
    measured = found["ST"].measures
    low, high = measured.intervals["hter"]
    text = " ".join(page.text)
    assert f"{100 * measured.hter:.1f} %" in text
    assert f"{100 * low:.1f}–{100 * high:.1f}" in text
    assert f"(AUC {measured.auc:.3f})" in text
    assert "of the clips have no score" in text


def test_progress_is_told(make_run, tmp_path):
    told = []

    def track(items, title, total=None):
        for item in items:
            told.append((title, total))
            yield item

    read([make_run()], tmp_path / "report.html", track=track)
    assert told == [("report", 4)] * 4


def test_further_pictures_stand_with_what_is_said_of_them(make_run, tmp_path):
    plain = read([make_run()], tmp_path / "report.html")
    assert "Maps" not in plain.text
    picture = picture_grid({"face": [np.zeros((8, 8, 3), np.uint8)]}, ["x"], name="maps", alt="a map")
    out = tmp_path / "with.html"
    write_report([make_run()], out, further={"What <it> shows.": picture})
    page = Page(out.read_text())
    assert "What <it> shows." in page.text
    assert "a map" in [svg["aria-label"] for svg in page.all("svg")]
    assert len(page.all("svg")) == len(plain.all("svg")) + 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))

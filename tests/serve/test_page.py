"""The page's files, as a browser gets them; test_page_browser.py uses it."""

import re
from importlib.resources import files

import pytest

from sincera.judge import Outcome

PAGE = files("sincera.serve.page")


def test_the_page_and_its_parts_are_served_with_a_strict_policy(service):
    page = service.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    parts = set(re.findall(r'(?:href|src)="(page/[^"]+)"', page.text))
    assert {"page/style.css", "page/main.js"} <= parts
    for part in parts:
        answer = service.get(f"/{part}")
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")


@pytest.mark.parametrize("name", sorted(entry.name for entry in PAGE.iterdir() if not entry.name.startswith("__")))
def test_no_part_names_another_host_or_writes_markup(service, name):
    text = PAGE.joinpath(name).read_text()
    outside = [found for found in re.findall(r"https?://[^\s\"')]+", text) if found != "http://www.w3.org/2000/svg"]
    assert outside == []
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\b|\sstyle=\"|\son[a-z]+=\"", text)
    assert service.get(f"/page/{name}").text == text


def test_every_outcome_has_words():
    words = PAGE.joinpath("words.js").read_text()
    assert [one.value for one in Outcome if one is not Outcome.UNREADABLE and f"  {one.value}: [" not in words] == []


def test_the_page_can_be_left_out(made):
    with made.running(made.judge(), page=False) as client:
        assert client.get("/").status_code == 404
        assert client.post("/v1/judge", content=made.picture).status_code == 200

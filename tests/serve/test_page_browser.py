"""The page in a real Chromium, with a camera that plays simulated clips: `make test-page`."""

import os
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from sincera.judge import Judge
from sincera.media import read_frames, write_video
from sincera.simulate.world import write_world

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE_MS = 120_000  # a machine that does other things too shows a frame in seconds
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """A simulated person and a simulated replay, as the judge itself tells them apart: (live, attack) paths."""
    root = tmp_path_factory.mktemp("world")
    folder = write_world(root, scale="mini", seed=1, domains="O", workers=1)["O"]
    judge = Judge.load()
    live, attack = (
        min(folder.rglob(f"*_{kind}.avi"), key=lambda path: sign * judge.verdict(path).score)
        for kind, sign in (("1", 1), ("[45]", -1))
    )
    return live, attack


@pytest.fixture(scope="module")
def service(made):
    with made.running(Judge.load()) as client:
        yield client


@pytest.fixture(scope="module")
def browser_with(tmp_path_factory):
    """Gives a Chromium whose camera plays this clip: one a clip."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = {}

        def open_with(clip):
            if clip in opened:
                return opened[clip]
            file = tmp_path_factory.mktemp("camera") / "clip.mjpeg"
            write_camera_file(file, clip)
            options = ["use-fake-ui-for-media-stream", "use-fake-device-for-media-stream", "no-sandbox"]
            options.append(f"use-file-for-fake-video-capture={file}")
            args = [f"--{option}" for option in options]
            opened[clip] = play.chromium.launch(executable_path=CHROMIUM, args=args)
            return opened[clip]

        yield open_with
        for browser in opened.values():
            browser.close()


def write_camera_file(path, clip, size=(640, 480)):
    """The clip in the middle of a camera's picture, again and again for some seconds."""
    with av.open(path, "w", format="mjpeg") as target:
        stream = target.add_stream("mjpeg", rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p"
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 2 * 118
        for number, frame in enumerate(read_frames(clip)):
            image = np.zeros((size[1], size[0], 3), np.uint8)
            scale = min(size[0] / frame.image.shape[1], size[1] / frame.image.shape[0])
            small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            top, left = (size[1] - small.shape[0]) // 2, (size[0] - small.shape[1]) // 2
            image[top : top + small.shape[0], left : left + small.shape[1]] = small
            shown = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
            shown.pts, shown.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(shown))
        target.mux(stream.encode(None))


def opened_page(browser, service, *, size="desk", scheme="light"):
    page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)
    page.set_default_timeout(PATIENCE_MS)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(str(service.base_url))
    page.wait_for_selector("#threshold:enabled")
    return page


def as_mp4(clip, folder):
    """The clip in a form that browsers play."""
    frames = list(read_frames(clip))
    write_video(folder / "clip.mp4", [frame.image for frame in frames], fps=10, quality=95)
    return folder / "clip.mp4"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_video_gets_the_services_verdict(browser_with, service, clips, tmp_path, size, scheme):
    for clip in clips:
        file = as_mp4(clip, tmp_path)
        told = service.post("/v1/judge", content=file.read_bytes()).json()
        page = opened_page(browser_with(clip), service, size=size, scheme=scheme)
        page.set_input_files("#file", file)
        page.wait_for_selector("#overlay rect.halo", state="attached")
        assert page.inner_text("#outcome").lower() == told["outcome"]
        assert float(page.inner_text("#score")) == pytest.approx(told["score"], abs=5e-4)
        assert page.locator("#frames button").count() == len(told["frames"])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
        assert page.complaints == []
        page.close()


def test_the_camera_gives_a_rolling_verdict(browser_with, service, clips):
    scores = []
    for clip in clips:
        page = opened_page(browser_with(clip), service)
        page.click("#camera")
        page.wait_for_selector("#overlay rect.halo", state="attached")
        page.wait_for_selector("#meaning:has-text('last 8 frames')")
        scores.append(float(page.inner_text("#score")))
        assert page.get_attribute("#camera", "aria-pressed") == "true"
        page.keyboard.press("Escape")
        assert page.inner_text("#outcome") == "Nothing judged yet"
        assert page.complaints == []
        page.close()
    assert scores[0] < scores[1], "the simulated person scored above the simulated replay"


def test_the_slider_moves_the_outcome_by_keyboard(browser_with, service, clips, tmp_path):
    page = opened_page(browser_with(clips[0]), service)
    page.set_input_files("#file", as_mp4(clips[0], tmp_path))
    page.wait_for_selector("#overlay rect.halo", state="attached")
    page.focus("#threshold")
    page.keyboard.press("Home")
    assert page.inner_text("#outcome") == "Attack"
    assert page.input_value("#point") == "own"
    page.keyboard.press("End")
    assert page.inner_text("#outcome") == "Live"
    page.close()


def test_a_problem_is_told_in_words(browser_with, service, clips, tmp_path):
    page = opened_page(browser_with(clips[0]), service)
    words = tmp_path / "photo.jpg"
    words.write_text("no picture")
    page.set_input_files("#file", words)
    page.wait_for_selector("#problem:visible")
    assert "by its content" in page.inner_text("#problem")
    assert page.inner_text("#outcome") == "Nothing judged yet"
    page.close()


def test_a_key_is_asked_for_once(browser_with, made, clips, tmp_path):
    with made.running(made.judge(), keys="secret") as client:
        page = browser_with(clips[0]).new_page()
        page.goto(str(client.base_url))
        page.wait_for_selector("#key-form:visible")
        page.fill("#key", "secret")
        page.keyboard.press("Enter")
        page.wait_for_selector("#threshold:enabled")
        picture = tmp_path / "red.png"
        picture.write_bytes(made.picture)
        page.set_input_files("#file", picture)
        page.wait_for_selector("#overlay rect.halo", state="attached")
        assert page.inner_text("#outcome") == "Attack"
        assert page.is_hidden("#key-form")
        assert page.locator("#maps canvas").evaluate("canvas => [canvas.width, canvas.height]") == [4, 4]
        page.close()

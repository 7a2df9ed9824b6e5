"""A judge that needs no weights, pictures of all sorts, and servers that run."""

import io
import struct
import threading
import time
import zlib
from contextlib import contextmanager
from types import SimpleNamespace

import av
import cv2
import httpx2
import numpy as np
import pytest

from sincera.errors import MediaError
from sincera.faces import Face
from sincera.faces.spec import CropSpec, DetectorSpec
from sincera.judge import Decision, Look, Outcome, Sight
from sincera.judge.decide import scored_frame, verdict
from sincera.judge.look import failed
from sincera.judge.source import opened
from sincera.measures import Threshold
from sincera.media import DEFAULT_LIMITS
from sincera.model import Fusion, Histogram, Licences, Member, ModelFile, ModelSpec
from sincera.serve import ServiceSettings, app
from sincera.serve.server import listen, server

SHA = "ab" * 32


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs Chromium; `make test-page` runs these, `make test` does not")


def pytest_collection_modifyitems(config, items):
    if "browser" not in config.getoption("markexpr"):
        left_out = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def fake_model():
    points = {
        "eer": Threshold(0.5, "eer", "made pictures", 4, 8),
        "bpcer=0.05": Threshold(0.7, "bpcer=0.05", "made pictures", 4, 8),
    }
    member = Member(
        name="red",
        view=CropSpec(size=32),
        input="x",
        outputs={"score": "s", "map": "m"},
        link="probability",
        licences=Licences("Apache-2.0", "none", "none"),
        trained_on=(),
        source_sha256="",
    )
    rng = np.random.default_rng(0)
    return ModelFile(
        ModelSpec(
            name="fake",
            version="1",
            members=(member,),
            fusion=Fusion("single", (1.0,), 0.0),
            detector=DetectorSpec("yunet", "", 0.3, 0.7, 20),
            threshold="eer",
            points=points,
            histogram=Histogram.of(rng.beta(2, 6, 300), rng.beta(6, 2, 300)),
        ),
        b"",
        SHA,
    )


class FakeJudge:
    """The judge's public names.  A picture with some colour is one face; its score is the share of red in it.

    slow: seconds that a look takes.
    """

    def __init__(self, *, slow=0.0):
        self.model = fake_model()
        self.slow = slow
        self.decision = Decision(self.model.spec.operating_point, None, "probability", 0.5)
        self.batches = []

    @property
    def threshold(self):
        return self.decision.threshold

    def look(self, source, *, limits=DEFAULT_LIMITS):
        time.sleep(self.slow)
        try:
            with opened(source, self.model.spec.sampling, limits=limits, threads=1) as found:
                sights = tuple(_sight(frame) for frame in found.frames)
                return Look(found.path, found.asked, sights, found.shortfall())
        except MediaError as error:
            return failed(None, error)

    def decide(self, looks):
        self.batches.append(len(looks))
        return [
            verdict(
                look,
                [
                    scored_frame(sight, self.decision, _score(sight), {"red": _score(sight)} if sight.crops else None)
                    for sight in look.sights
                ],
                self.decision,
                self.model.id,
            )
            for look in looks
        ]

    def maps(self, look):
        wanted = [sight.crops["red"] for sight in look.scorable]
        return {"red": np.stack([crop[::12, ::16, 0] / 255 for crop in wanted]).astype(np.float32)} if wanted else {}

    def verdict(self, source):
        return self.decide([self.look(source)])[0]


def _sight(frame):
    height, width = frame.image.shape[:2]
    if np.ptp(frame.image.mean(axis=(0, 1))) < 8:
        return Sight(frame.index, frame.time, None, 0, Outcome.NO_FACE)
    face = Face([width * 0.3, height * 0.2, width * 0.7, height * 0.8], confidence=0.9)
    return Sight(frame.index, frame.time, face, 1, None, {"red": frame.image}, ())


def _score(sight):
    if not sight.crops:
        return None
    red, green, blue = sight.crops["red"].mean(axis=(0, 1))
    return float(red / (red + green + blue))


def coloured(red=200, width=64, height=48):
    """A picture (H, W, 3) RGB in which the fake judge sees a face."""
    image = np.full((height, width, 3), 40, np.uint8)
    image[..., 0] = red
    return image


def encoded(image, suffix=".png"):
    """The bytes of an RGB picture."""
    done, data = cv2.imencode(suffix, np.ascontiguousarray(image[..., ::-1]))
    assert done
    return data.tobytes()


def bomb_png(width, height):
    """A small PNG that claims this many pixels and holds them, all zero, squeezed."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    squeeze = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def video(frames=12, fps=10, red=200, size=(64, 48), form="mp4", codec="mpeg4"):
    """The bytes of a video of one colour."""
    target = io.BytesIO()
    with av.open(target, "w", format=form) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            frame = av.VideoFrame.from_ndarray(coloured(red, *size), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


@contextmanager
def running(judge, **options):
    """A server on a free port, as a client of httpx2; it ends with the block."""
    settings = ServiceSettings(port=0, **options)
    one = server(app(lambda: judge, settings), settings)
    port = listen(settings)
    thread = threading.Thread(target=one.run, kwargs={"sockets": [port]}, daemon=True)
    thread.start()
    try:
        while not one.started:
            assert thread.is_alive()
            time.sleep(0.01)
        address = f"http://127.0.0.1:{port.getsockname()[1]}"
        limits = httpx2.Limits(max_connections=None)
        with httpx2.Client(base_url=address, timeout=60, limits=limits, trust_env=False) as client:
            while client.get("/readyz").status_code != 200:
                time.sleep(0.01)
            yield client
    finally:
        one.should_exit = True
        thread.join(timeout=30)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def judge():
    return FakeJudge()


@pytest.fixture(scope="session")
def service(judge):
    """A running service with the fake judge and small limits."""
    with running(judge, max_mib=2, max_pixels=1_000_000, max_seconds=5, max_frames=100) as client:
        yield client


@pytest.fixture(scope="session")
def made():
    """Makers of pictures and videos, and of judges and servers."""
    return SimpleNamespace(
        coloured=coloured,
        encoded=encoded,
        bomb_png=bomb_png,
        video=video,
        running=running,
        judge=FakeJudge,
        picture=encoded(coloured()),
    )

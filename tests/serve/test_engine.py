"""The workers: batches, the bound of the line, time limits, and the end in good order."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from sincera.serve import ServiceSettings, app

JUDGE = "/v1/judge"


def wait_until(holds):
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_requests_that_wait_are_judged_together(made):
    judge = made.judge(slow=0.02)
    with made.running(judge, queue=32, batch=4) as client, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.post(JUDGE, content=made.picture), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert 1 < max(judge.batches) <= 4
    assert sum(judge.batches) == 17  # and the warm-up


def test_200_at_once_on_a_queue_of_16_are_each_answered(made):
    with made.running(made.judge(slow=0.01), queue=16) as client, ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda _: client.post(JUDGE, content=made.picture), range(200)))
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= {200, 503}
        assert statuses.count(200) >= 16
        refused = [answer for answer in answers if answer.status_code == 503]
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        assert client.post(JUDGE, content=made.picture).status_code == 200, "a place was not given back"


def test_every_place_is_given_back(made):
    with made.running(made.judge(), queue=1, batch=1) as client:
        for body in (b"", b"words", made.picture[:30], made.picture, b"\xff\xd8\xff" + bytes(30 << 20)) * 3:
            assert client.post(JUDGE, content=body).status_code in (200, 413, 415, 422)


def test_what_takes_too_long_is_given_up(made):
    with made.running(made.judge(slow=0.4), time_limit=0.2) as client:
        answer = client.post(JUDGE, content=made.picture)
        assert answer.status_code == 504
        time.sleep(0.5)
        assert client.get("/readyz").status_code == 200


def test_a_picture_does_not_wait_for_a_video(made):
    decoded = threading.Event()

    class Slow(made.judge):
        def look(self, source, **options):
            if isinstance(source, bytes) and not source.startswith(b"\x89PNG"):
                decoded.wait(20)
            return super().look(source, **options)

    with made.running(Slow()) as client, ThreadPoolExecutor(1) as pool:
        film = pool.submit(client.post, JUDGE, content=made.video())
        assert client.post(JUDGE, content=made.picture).status_code == 200
        assert not film.done()
        decoded.set()
        assert film.result().status_code == 200


def test_one_request_that_spoils_a_batch_fails_alone(made):
    class Fragile(made.judge):
        def decide(self, looks):
            if any(len(look.sights) and look.sights[0].face is None for look in looks):
                raise RuntimeError("no face")
            return super().decide(looks)

        def verdict(self, source):
            return None

    blank = made.encoded(np.zeros((40, 40, 3), np.uint8))
    bodies = [made.picture, blank, made.picture, made.picture]
    with made.running(Fragile(slow=0.05)) as client, ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda body: client.post(JUDGE, content=body).status_code, bodies))
    assert statuses == [200, 500, 200, 200]


def test_before_the_warm_up_the_service_lives_but_is_not_ready(made):
    loaded = threading.Event()

    def slowly():
        loaded.wait(20)
        return made.judge()

    with TestClient(app(slowly, ServiceSettings())) as client:
        assert client.get("/healthz").status_code == 200
        waiting = client.get("/readyz")
        assert (waiting.status_code, "retry-after" in waiting.headers) == (503, True)
        assert client.post(JUDGE, content=made.picture).status_code == 503
        assert client.get("/v1/model").status_code == 503
        loaded.set()
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert client.post(JUDGE, content=made.picture).status_code == 200


def test_a_judge_that_cannot_be_opened_shows_in_the_health(made, caplog):
    def broken():
        raise RuntimeError("no model")

    with TestClient(app(broken, ServiceSettings())) as client:
        wait_until(lambda: client.get("/healthz").status_code == 503)
        assert client.get("/readyz").status_code == 503
    assert "cannot be opened" in caplog.text


SERVER = """
import runpy, sys, time
from sincera.serve import ServiceSettings, run

class Slow(runpy.run_path(sys.argv[1])["FakeJudge"]):
    def look(self, source, **options):
        if isinstance(source, bytes):
            print("looking", flush=True)
            time.sleep(1)
        return super().look(source, **options)

run(ServiceSettings(port=0), Slow, told=lambda address: print(address, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM")
def test_sigterm_finishes_what_runs(made, tmp_path):
    command = [sys.executable, "-c", SERVER, str(Path(__file__).with_name("conftest.py"))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(tmp_path)})
    try:
        address = child.stdout.readline().strip()
        wait_until(lambda: httpx2.get(f"{address}/readyz", trust_env=False).status_code == 200)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(httpx2.post, f"{address}{JUDGE}", content=made.picture, timeout=30, trust_env=False)
            assert child.stdout.readline() == "looking\n"
            child.send_signal(signal.SIGTERM)
            assert answer.result().status_code == 200
        assert child.wait(timeout=20) in (0, -signal.SIGTERM)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()

"""Keys, numbers, privacy and the description of a running service."""

import base64
import json
import logging
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from sincera.cli.app import app as command
from sincera.judge import Judge
from sincera.serve.schema import ModelCard, VerdictBody
from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render

JUDGE = "/v1/judge"


def numbers(client):
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def test_without_a_key_nothing_is_told(made):
    with made.running(made.judge(), keys="one,two") as client:
        for headers in ({}, {"X-API-Key": "three"}, {"Authorization": "Bearer on"}, {"Authorization": "Basic one"}):
            for answer in (
                client.post(JUDGE, content=made.picture, headers=headers),
                client.get("/v1/model", headers=headers),
            ):
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        for headers in ({"X-API-Key": "one"}, {"Authorization": "Bearer two"}):
            assert client.post(JUDGE, content=made.picture, headers=headers).status_code == 200
        assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_the_numbers_count_outcomes_statuses_and_steps(made):
    with made.running(made.judge(), queue=5) as client:
        for body in (made.picture, made.picture, b"words", made.encoded(np.zeros((40, 40, 3), np.uint8))):
            client.post(JUDGE, content=body)
        found = numbers(client)
    count = {key[1:]: value for key, value in found.items() if key[0] == "sincera_requests_total"}
    assert count == {
        (("outcome", "attack"), ("status", "200")): 2,
        (("outcome", "no_face"), ("status", "200")): 1,
        (("outcome", ""), ("status", "415")): 1,
    }
    for step, times in {"read": 4, "wait": 3, "look": 3, "score": 3, "total": 4}.items():
        assert found["sincera_step_seconds_count", ("step", step)] == times, step
    assert found["sincera_queue_length",] == 0
    assert found["sincera_queue_limit",] == 5
    assert found["sincera_model_info", ("name", "fake"), ("sha256", "ab" * 32), ("version", "1")] == 1
    assert found["sincera_threshold", ("rule", "eer")] == 0.5
    assert ("process_resident_memory_bytes",) in found


def test_the_card_names_model_thresholds_and_limits(service, judge):
    card = service.get("/v1/model").json()
    ModelCard.model_validate(card)
    assert card["model"] == judge.model.id.to_dict()
    assert card["threshold"] == judge.threshold.to_dict()
    assert sum(card["histogram"]["live"]) == 300
    assert card["limits"]["bytes"] == 2 << 20


def test_nothing_of_a_face_reaches_disk_or_log(made, tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    opened = []
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)
    noise[..., 0] = 255
    picture = made.encoded(noise)
    assert len(picture) > 2 << 20, "smaller forms would stay in memory anyway"

    class Watching(made.judge):
        def look(self, source, **options):
            opened.extend(str(one.resolve()) for one in Path("/proc/self/fd").iterdir())
            return super().look(source, **options)

    with caplog.at_level(logging.DEBUG), made.running(Watching(), access_log=True) as client:
        caplog.clear()
        answers = [
            client.post(JUDGE, files={"file": ("my-own-name.png", picture)}),
            client.post(JUDGE, content=made.video()),
            client.post(JUDGE, content=picture[: len(picture) // 2]),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert list(tmp_path.iterdir()) == []
    assert [path for path in opened if path.startswith(str(tmp_path))] == []
    said = caplog.text + "".join(capfd.readouterr())
    for secret in ("my-own-name", str(answers[0].json()["score"]), base64.b64encode(picture[:60]).decode(), "IHDR"):
        assert secret not in said


def test_the_description_tells_every_answer(service):
    schema = service.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    judged = schema["paths"][JUDGE]["post"]
    assert set(judged["responses"]) == {"200", "400", "408", "413", "415", "422", "500", "503", "504"}
    assert "multipart/form-data" in judged["requestBody"]["content"]
    assert "Retry-After" in judged["responses"]["503"]["headers"]
    assert "securitySchemes" not in schema["components"]
    named = {ref.split("/")[-1] for ref in _references(schema)}
    assert named <= set(schema["components"]["schemas"])


def test_with_keys_the_description_says_how_to_show_one(made):
    with made.running(made.judge(), keys="one") as client:
        schema = client.get("/openapi.json").json()
    assert schema["paths"][JUDGE]["post"]["security"] == [{"bearer": []}, {"header": []}]
    assert "401" in schema["paths"]["/v1/model"]["get"]["responses"]
    assert "security" not in schema["paths"]["/healthz"]["get"]


def _references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    """A made face before a wall, as a JPEG: the shipped detector finds it."""
    seen = render(make_person(3), Pose(scale=0.25), Expression(), front_lights(), size=(240, 320), supersample=1)
    linear = np.clip(seen.rgb + 0.2 * (1 - seen.alpha[..., None]), 0, 1)
    path = tmp_path_factory.mktemp("face") / "face.jpg"
    cv2.imwrite(str(path), np.round(255 * linear[..., ::-1] ** (1 / 2.2)).astype(np.uint8))
    return path


def test_service_library_and_command_line_give_the_same_verdict(made, portrait):
    judge = Judge.load()
    with made.running(judge) as client:
        told = client.post(JUDGE, content=portrait.read_bytes()).json()
        blank = client.post(JUDGE, content=made.encoded(np.full((200, 200, 3), 128, np.uint8))).json()
    VerdictBody.model_validate(told)
    assert told["score"] is not None
    assert told == judge.verdict(portrait.read_bytes()).to_dict()
    printed = CliRunner().invoke(command, ["judge", str(portrait), "--json"]).stdout
    assert json.loads(printed) | {"path": None} == told
    assert (blank["outcome"], blank["label"]) == ("no_face", None)


@pytest.mark.parametrize(("value", "outcome"), [(-1.0, "attack"), (2.0, "live")])
def test_a_threshold_beyond_all_scores_decides_alone(made, portrait, value, outcome):
    with made.running(Judge.load(threshold=value)) as client:
        assert client.post(JUDGE, content=portrait.read_bytes()).json()["outcome"] == outcome

"""A running service: what each kind of body gets."""

import io

import numpy as np
import pytest
from PIL import Image

from sincera.serve.schema import VerdictBody

JUDGE = "/v1/judge"


def pil_bytes(image, form, **options):
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"status", "title", "detail"}
    assert body["status"] == status
    return body["detail"]


def test_a_picture_gets_the_judges_own_verdict(service, judge, made):
    answer = service.post(JUDGE, content=made.picture)
    assert answer.status_code == 200
    assert answer.json() == judge.verdict(made.picture).to_dict()
    assert answer.json()["outcome"] == "attack"
    VerdictBody.model_validate(answer.json())


@pytest.mark.parametrize(("red", "outcome"), [(200, "attack"), (60, "live")])
def test_a_video_is_judged_by_its_frames(service, made, red, outcome):
    body = service.post(JUDGE, content=made.video(red=red)).json()
    assert (body["outcome"], len(body["frames"]), body["path"]) == (outcome, 8, None)


def test_maps_are_given_where_they_are_asked_for(service, made):
    assert "maps" not in service.post(JUDGE, content=made.picture).json()
    body = service.post(JUDGE, params={"maps": True}, content=made.video()).json()
    assert np.shape(body["maps"]["red"]) == (8, 4, 4)
    VerdictBody.model_validate(body)
    blank = made.encoded(np.zeros((40, 40, 3), np.uint8))
    assert service.post(JUDGE, params={"maps": True}, content=blank).json()["maps"] == {}
    problem(service.post(JUDGE, params={"maps": "perhaps"}, content=made.picture), 422)


def test_a_form_with_one_file_is_judged_as_the_bytes(service, made):
    form = service.post(JUDGE, files={"file": ("me.jpg", made.picture, "image/jpeg")})
    assert form.json() == service.post(JUDGE, content=made.picture).json()


def test_no_face_is_an_answer(service, made):
    answer = service.post(JUDGE, content=made.encoded(np.zeros((40, 40, 3), np.uint8)))
    assert (answer.status_code, answer.json()["outcome"], answer.json()["score"]) == (200, "no_face", None)


def test_pictures_of_every_sort_are_answered(service):
    red = Image.new("RGB", (80, 60), (200, 30, 30))
    exif = Image.Exif()
    exif[274] = 6
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("red", "green", "blue")]
    bodies = {
        "CMYK": pil_bytes(red.convert("CMYK"), "JPEG"),
        "16 bits": pil_bytes(Image.fromarray(np.full((60, 80), 40000, np.uint16)), "PNG"),
        "GIF": pil_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "WebP": pil_bytes(red, "WEBP"),
        "TIFF": pil_bytes(red, "TIFF"),
        "one pixel": pil_bytes(Image.new("RGB", (1, 1), "red"), "PNG"),
        "turned": pil_bytes(red, "JPEG", exif=exif),
    }
    answers = {name: service.post(JUDGE, content=body) for name, body in bodies.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(bodies, 200)
    box = answers["turned"].json()["frames"][0]["box"]
    assert box == pytest.approx([60 * 0.3, 80 * 0.2, 60 * 0.7, 80 * 0.8]), "EXIF's turn was not applied"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_picture_is_none(service, kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8))
    whole = pil_bytes(noise, kind)
    for share in (0.01, 0.3, 0.95):
        answer = service.post(JUDGE, content=whole[: max(16, int(share * len(whole)))])
        assert answer.status_code in (415, 422), (share, answer.text)


def test_a_cut_video_is_judged_as_far_as_it_goes_or_refused(service, made):
    whole = made.video()
    problem(service.post(JUDGE, content=whole[:40]), 422)
    assert service.post(JUDGE, content=whole[: len(whole) // 2]).status_code in (200, 422)


def test_a_header_of_words_for_numbers_is_none(service):
    problem(service.post(JUDGE, content=b"P6\nten 20\n255\n" + bytes(600)), 422)


def test_an_empty_body_is_no_picture(service):
    assert "empty" in problem(service.post(JUDGE, content=b""), 422)


@pytest.mark.parametrize("body", [b"just words, called photo.jpg", b"<svg/>", b"%PDF-1.7", b"PK\3\4", b"#EXTM3U\n/etc"])
def test_other_content_is_refused_whatever_it_is_called(service, body):
    problem(service.post(JUDGE, content=body, headers={"content-type": "image/jpeg"}), 415)


@pytest.mark.parametrize("start", [b"OggS\0", b"\0\0\0\x18ftypmp42", b"\x1aE\xdf\xa3"])
def test_a_playlist_dressed_as_a_video_opens_nothing(service, start):
    listing = b'<?xml version="1.0"?><MPD profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period/></MPD>'
    problem(service.post(JUDGE, content=start + listing + b"\n#EXTM3U\nfile:///etc/hostname\n"), 422)


def test_a_compressed_body_is_refused(service, made):
    problem(service.post(JUDGE, content=made.picture, headers={"content-encoding": "gzip"}), 415)


def test_a_large_body_is_refused_by_its_header(service):
    assert "2 MiB" in problem(service.post(JUDGE, content=b"\xff\xd8\xff" + bytes(3 << 20)), 413)


def test_a_large_body_without_a_length_is_refused_while_it_streams(service):
    sent = []

    def chunks():
        for number in range(400):
            sent.append(number)
            yield bytes(1 << 16)

    problem(service.post(JUDGE, content=chunks()), 413)


def test_a_large_form_is_refused_too(service):
    problem(service.post(JUDGE, files={"file": ("x.png", bytes(3 << 20), "image/png")}), 413)


def test_a_bomb_is_refused_by_its_header(service, made):
    bomb = made.bomb_png(20_000, 20_000)
    assert len(bomb) < 200_000
    assert "20000×20000" in problem(service.post(JUDGE, content=bomb), 413)


def test_a_header_of_huge_size_is_refused_before_decoding(service, made):
    picture = bytearray(made.picture)
    picture[16:24] = b"\x7f\xff\xff\xff" * 2
    problem(service.post(JUDGE, content=bytes(picture)), 413)
    picture[16:24] = bytes(8)
    problem(service.post(JUDGE, content=bytes(picture)), 422)


def test_a_long_video_is_refused_by_its_packets(service, made):
    assert "5 seconds" in problem(service.post(JUDGE, content=made.video(frames=60, fps=5)), 413)
    assert "100 frames" in problem(service.post(JUDGE, content=made.video(frames=120, fps=60)), 413)
    assert "pixels" in problem(service.post(JUDGE, content=made.video(frames=2, size=(1280, 800))), 413)


def test_a_sound_recording_is_no_video(service):
    import av

    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream("libvorbis" if "libvorbis" in av.codecs_available else "flac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    problem(service.post(JUDGE, content=target.getvalue()), 422)


def test_forms_without_exactly_one_file(service, made):
    problem(service.post(JUDGE, files={"picture": ("x.png", made.picture)}), 422)
    problem(service.post(JUDGE, files=[("file", ("a.png", made.picture)), ("file", ("b.png", made.picture))]), 422)
    problem(service.post(JUDGE, data={"path": "/etc/passwd"}, files={"other": ("a", b"x")}), 422)
    broken = service.post(JUDGE, content=b"nonsense", headers={"content-type": "multipart/form-data; boundary=x"})
    problem(broken, 400)
    problem(service.post(JUDGE, content=b"x", headers={"content-type": "multipart/form-data"}), 400)


def test_other_addresses_and_verbs(service):
    problem(service.get("/v2"), 404)
    problem(service.get("/page/..%2fsettings.py"), 404)
    answer = service.get(JUDGE)
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"

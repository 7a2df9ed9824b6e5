"""The judge on pictures, clips, bytes, arrays and cameras: one number whichever way the pixels come."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import sincera.data.prepare.clip as preparing
from sincera.clip import Clip, Label
from sincera.data.store import Preparation
from sincera.errors import ModelError, UsageError
from sincera.faces import CropSpec, as_input, crop
from sincera.faces.yunet import Yunet
from sincera.judge import Judge, Outcome, open_camera, watch
from sincera.judge.look import Look
from sincera.measures import Threshold
from sincera.media import Limits, Sampling, read_frames, write_video
from sincera.model.detection import YUNET


@pytest.fixture(scope="module")
def judge(bright_model):
    return Judge(bright_model)


def png(image) -> bytes:
    return cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()


def test_path_bytes_and_array_give_one_number(judge, portrait, tmp_path):
    path = tmp_path / "face.png"
    path.write_bytes(png(portrait))
    by_path, by_bytes, by_array = (judge.verdict(one) for one in (path, png(portrait), portrait))
    assert by_path.score == by_bytes.score == by_array.score
    assert (by_path.path, by_bytes.path, by_array.path) == (str(path), None, None)
    assert by_path.outcome is Outcome.LIVE


def test_the_score_is_the_models_on_the_crop_of_the_largest_face(judge, portrait):
    face = Yunet(YUNET).detect(portrait)[0]
    view = judge.model.spec.members[0].view
    expected = as_input(crop(portrait, face, view), view).mean()
    found = judge.verdict(portrait)
    assert found.score == pytest.approx(expected, abs=1e-6)
    assert found.frames[0].box == pytest.approx(tuple(face.box))
    assert found.frames[0].members == {"brightness": found.score}
    assert found.model == judge.model.id


def test_a_video_is_the_mean_of_the_stated_frames(judge, video):
    found = judge.verdict(video)
    frames = list(read_frames(video, judge.model.spec.sampling))
    assert [frame.index for frame in found.frames] == [frame.index for frame in frames] == [1, 4, 7, 10]
    alone = [judge.verdict(frame.image).score for frame in frames]
    assert [frame.score for frame in found.frames] == pytest.approx(alone, abs=1e-6)
    assert found.score == pytest.approx(np.mean(alone), abs=1e-6)


def test_a_video_as_bytes_is_the_same_and_leaves_no_file(judge, video, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    handles = Path("/proc/self/fd")
    before = len(list(handles.iterdir())) if handles.is_dir() else 0
    found = judge.verdict(video.read_bytes())
    assert found.score == judge.verdict(video).score
    assert found.path is None
    assert list(tmp_path.iterdir()) == []
    assert (len(list(handles.iterdir())) if handles.is_dir() else 0) == before


def test_a_folder_of_frames_is_a_clip(judge, frames, tmp_path):
    for number, frame in enumerate(frames):
        (tmp_path / f"f{number}.png").write_bytes(png(frame))
    found = judge.verdict(tmp_path)
    assert [frame.index for frame in found.frames] == [1, 4, 7, 10]


def test_many_sources_together_answer_as_each_alone(judge, portrait, other, blank, video):
    sources = [portrait, video, blank, other, b"no picture"]
    together = judge.decide([judge.look(source) for source in sources])
    alone = [judge.verdict(source) for source in sources]
    assert [one.outcome for one in together] == [one.outcome for one in alone]
    assert [one.score or -1 for one in together] == pytest.approx([one.score or -1 for one in alone], abs=1e-6)
    assert together[4].outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(("threshold", "outcome"), [(-1.0, "attack"), (2.0, "live")])
def test_thresholds_beyond_all_scores_decide_every_route(bright_model, portrait, video, tmp_path, threshold, outcome):
    judge = Judge(bright_model, threshold=threshold)
    (tmp_path / "face.png").write_bytes(png(portrait))
    with open_camera(str(video)) as camera:
        seen = list(watch(judge, camera, seconds=0.5))
    verdicts = [judge.verdict(one) for one in (portrait, png(portrait), tmp_path / "face.png", video)]
    assert {one.outcome.value for one in verdicts + seen} == {outcome}
    assert {frame.outcome.value for one in verdicts + seen for frame in one.frames} == {outcome}


def test_a_blank_picture_has_no_face_on_every_route(bright_model, blank, tmp_path):
    write_video(tmp_path / "blank.mp4", [blank] * 6, fps=10)
    (tmp_path / "blank.png").write_bytes(png(blank))
    for threshold in (-1.0, 0.5, 2.0):
        judge = Judge(bright_model, threshold=threshold)
        with open_camera(str(tmp_path / "blank.mp4")) as camera:
            seen = list(watch(judge, camera, seconds=0.3))
        sources = [blank, png(blank), tmp_path / "blank.png", tmp_path / "blank.mp4"]
        verdicts = [judge.verdict(one) for one in sources] + [judge.verdict(sources[3], early_exit=True)]
        assert {one.outcome for one in verdicts + seen} == {Outcome.NO_FACE}
        assert {(one.score, one.label) for one in verdicts + seen} == {(None, None)}


def test_several_faces_unless_the_largest_is_asked_for(bright_model, judge, couple):
    assert judge.verdict(couple).outcome is Outcome.SEVERAL_FACES
    found = Judge(bright_model, largest=True).verdict(couple)
    assert found.outcome.scored
    assert "several faces, the largest was judged" in found.warnings


def test_a_small_face_is_not_judged(judge, portrait):
    small = cv2.resize(portrait, None, fx=0.18, fy=0.18, interpolation=cv2.INTER_AREA)
    canvas = np.full((160, 160, 3), 90, np.uint8)
    canvas[60 : 60 + small.shape[0], 50 : 50 + small.shape[1]] = small
    found = judge.verdict(canvas)
    assert found.outcome is Outcome.FACE_TOO_SMALL
    assert found.frames[0].box is not None


def test_early_exit_says_so_and_rests_on_fewer_frames(model_of, video):
    judge = Judge(model_of(eer=0.9))
    found = judge.verdict(video, early_exit=True)
    assert (found.outcome, found.early, len(found.frames), found.skipped) == (Outcome.LIVE, True, 3, 1)
    assert any("ended early" in words for words in found.warnings)
    whole = judge.verdict(video)
    assert not whole.early
    assert [frame.score for frame in whole.frames[:3]] == pytest.approx([f.score for f in found.frames], abs=1e-6)


def test_early_exit_without_agreement_sees_all_frames(model_of, video, judge):
    close = Judge(model_of(eer=judge.verdict(video).score))
    found = close.verdict(video, early_exit=True)
    assert not found.early
    assert found.score == pytest.approx(close.verdict(video).score, abs=1e-6)


def test_operating_points_by_name_and_by_value(model_of, portrait):
    model = model_of(bounds=("low", "high"), eer=0.4, low=0.1, high=0.9)
    assert Judge(model).verdict(portrait).outcome is Outcome.UNCERTAIN
    assert Judge(model, threshold="low").verdict(portrait).outcome is Outcome.ATTACK
    own = Threshold(0.95, "bpcer=0.01", "my camera", subjects=3, clips=9)
    found = Judge(model, threshold=own).verdict(portrait)
    assert (found.outcome, found.threshold) == (Outcome.LIVE, own)
    with pytest.raises(UsageError, match="eer, high, low"):
        Judge(model, threshold="eeer")


@pytest.mark.parametrize("source", ["absent.jpg", "a\0b", b"", b"text", b"\xff\xd8\xff\xe0 cut"])
def test_what_cannot_be_read_is_an_outcome_with_its_reason(judge, source):
    found = judge.verdict(source)
    assert found.outcome is Outcome.UNREADABLE
    assert found.error
    assert judge.verdict(source, early_exit=True) == found


def test_limits_hold_for_bytes_of_a_video(judge, video):
    found = judge.verdict(video.read_bytes(), limits=Limits(video_bytes=100))
    assert found.outcome is Outcome.UNREADABLE
    assert "video given as bytes" in found.error
    few = judge.verdict(video.read_bytes(), limits=Limits(frames=3))
    assert "/proc" not in few.error
    assert "frames" in few.error


@pytest.mark.parametrize("bad", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3)), np.zeros((9, 0, 3), np.uint8)])
def test_arrays_of_another_kind_are_refused(judge, bad):
    with pytest.raises(UsageError, match="RGB"):
        judge.verdict(bad)


def test_a_broken_video_gives_what_decodes_and_says_so(judge, video, tmp_path, frames):
    write_video(tmp_path / "whole.avi", frames, fps=10, codec="mjpeg")
    data = (tmp_path / "whole.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(data[: len(data) * 2 // 3])
    found = judge.verdict(tmp_path / "cut.avi")
    assert found.outcome.scored
    assert any("promises" in words for words in found.warnings)


def test_the_crop_is_that_of_preparation_byte_for_byte(judge, video, monkeypatch):
    raw = []
    monkeypatch.setattr(preparing, "encode", lambda image, quality: raw.append(image.copy()) or b"")
    views = {"face": CropSpec(), "member": judge.model.spec.members[0].view}
    preparation = Preparation(Sampling(4), views, f"yunet={YUNET}", judge.model.spec.detector.min_face)
    clip = Clip(video, Label.LIVE, "", "x", "1", "test", name="clip.mp4")
    detector = Yunet(YUNET, judge.model.spec.detector.min_face)
    assert detector.spec == judge.model.spec.detector
    preparing.prepare_clip(clip, preparation, detector)
    seen = [sight.crops["brightness"] for sight in judge.look(video).sights]
    assert len(seen) == 4
    for ours, theirs in zip(seen, raw[1::2], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_camera_is_judged_moment_by_moment(judge, video):
    with open_camera(str(video)) as camera:
        seen = list(watch(judge, camera, seconds=0.4))
    assert [[frame.index for frame in one.frames] for one in seen] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    with open_camera(str(video)) as camera:
        seen = list(watch(judge, camera, seconds=0.9))
    assert [len(one.frames) for one in seen] == [4, 1]
    assert seen[1].skipped == 3


def test_no_camera_is_a_users_error(judge):
    with pytest.raises(UsageError, match="camera 97"), open_camera("97"):
        pass


def test_maps_only_where_a_member_has_some(judge, portrait, blank):
    assert judge.maps(judge.look(portrait)) == {}
    assert judge.maps(judge.look(blank)) == {}
    with pytest.raises(UsageError, match="no face"):
        judge.inputs(judge.look(blank))


def test_a_look_tells_where_the_time_went(judge, video):
    look = judge.look(video)
    assert isinstance(look, Look)
    assert set(look.seconds) == {"decode", "detect", "crop"}
    assert all(spent > 0 for spent in look.seconds.values())


def test_a_verdict_survives_json_and_keeps_its_fields(judge, video, blank):
    for source in (video, blank, "absent.png"):
        found = judge.verdict(source)
        values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert set(values) == set(found.__slots__)
        assert (values["outcome"], values["score"]) == (found.outcome.value, found.score)
        assert Threshold.from_dict(values["threshold"]) == found.threshold
        assert len(values["frames"]) == len(found.frames)


def test_annotating_draws_the_box_and_keeps_the_picture(judge, portrait, video):
    found = judge.verdict(portrait)
    before = portrait.copy()
    drawn = found.annotate(portrait)
    np.testing.assert_array_equal(portrait, before)
    left, top, right, bottom = (round(edge) for edge in found.frames[0].box)
    assert (drawn[(top + bottom) // 2, left] == (0, 114, 178)).all()
    inside = (slice(top + 5, bottom - 5), slice(left + 5, right - 5))
    np.testing.assert_array_equal(drawn[inside], portrait[inside])
    assert judge.verdict(video).annotate().shape == portrait.shape
    with pytest.raises(UsageError, match="give the image"):
        found.annotate()
    with pytest.raises(UsageError, match="could not be read"):
        judge.verdict("absent.png").annotate()


def test_a_damaged_model_is_refused(bright_model, tmp_path):
    (tmp_path / "m.onnx").write_bytes(bright_model.graph[:-7])
    with pytest.raises(ModelError):
        Judge.load(tmp_path / "m.onnx")


def test_judging_a_picture_loads_neither_torch_nor_the_video_library(bright_model, portrait, tmp_path):
    (tmp_path / "m.onnx").write_bytes(bright_model.graph)
    (tmp_path / "face.png").write_bytes(png(portrait))
    code = (
        "import sys\nfrom sincera.judge import Judge\n"
        "print(Judge.load('m.onnx').verdict('face.png'))\n"
        "heavy = {'torch', 'av', 'matplotlib', 'pandas', 'onnx', 'pyarrow', 'numba', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("face.png: live")
    assert done.stdout.splitlines()[1] == "[]"


def test_the_package_offers_the_judge_without_loading_it_first():
    import sincera

    assert sincera.Judge is Judge
    with pytest.raises(AttributeError, match="Juge"):
        sincera.Juge  # noqa: B018


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (7, 5)])
def test_pictures_too_small_for_any_face_have_none(judge, shape):
    assert judge.verdict(np.full((*shape, 3), 200, np.uint8)).outcome is Outcome.NO_FACE


def test_the_shipped_model_gives_one_number_alone_and_in_company(portrait, other):
    shipped = Judge.load()
    looks = [shipped.look(one) for one in (portrait, other, portrait)]
    together = [one.score for one in shipped.decide(looks)]
    assert together == [shipped.decide([look])[0].score for look in looks]
    assert together[0] == together[2] != together[1]

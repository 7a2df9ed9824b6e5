"""What a rendered head promises: truth that fits the picture."""

from __future__ import annotations

import numpy as np
import pytest

from sincera.simulate.heads import (
    PARTS,
    Expression,
    Lights,
    Person,
    Pose,
    Rendered,
    front_lights,
    make_person,
    random_lights,
    render,
)
from sincera.simulate.heads.light import direction

EYE, SKIN, TEETH = PARTS.index("eye"), PARTS.index("skin"), PARTS.index("teeth")


def picture(person: Person, pose: Pose | None = None, expression: Expression | None = None) -> Rendered:
    return render(person, pose or Pose(), expression or Expression(), front_lights(), size=(96, 96))


def at(values: np.ndarray, point: np.ndarray) -> np.ndarray:
    x, y = np.round(point).astype(int)
    return values[y, x]


def test_shapes_types_and_ranges(passport: Rendered) -> None:
    assert passport.rgb.shape == (128, 128, 3)
    assert passport.rgb.dtype == passport.alpha.dtype == passport.depth.dtype == np.float32
    assert passport.parts.dtype == np.uint8
    assert passport.parts.max() < len(PARTS)
    assert np.isfinite(passport.rgb).all()
    assert passport.rgb.min() >= 0
    assert passport.alpha.min() == 0
    assert passport.alpha.max() == pytest.approx(1)


def test_depth_parts_and_alpha_agree_where_somebody_is(passport: Rendered) -> None:
    there = passport.alpha > 0
    assert 0.2 < there.mean() < 0.9
    np.testing.assert_array_equal(passport.depth > 0, there)
    np.testing.assert_array_equal(passport.parts > 0, there)
    assert (passport.rgb[~there] == 0).all()


def test_same_seed_gives_the_same_picture_and_another_seed_another_person(woman: Person, passport: Rendered) -> None:
    again = make_person(3, sex=0.0, age=34, hair_style="ponytail01", glasses="none", beard="none")
    second = render(again, Pose(), Expression(), front_lights(), size=(128, 128))
    np.testing.assert_array_equal(passport.rgb, second.rgb)
    np.testing.assert_array_equal(passport.points, second.points)
    other = make_person(5, sex=0.0, age=34, hair_style="ponytail01", glasses="none", beard="none")
    assert np.abs(other.mesh.rest[:4000] - woman.mesh.rest[:4000]).mean() > 0.01
    assert np.abs(other.skin[0].astype(int) - woman.skin[0]).mean() > 100


def test_points_lie_on_what_they_name(passport: Rendered) -> None:
    left, right, nose, mouth_left, mouth_right = passport.points
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < nose[0] < mouth_right[0]
    assert left[1] < nose[1] < mouth_left[1]
    for eye in (left, right):
        x, y = np.round(eye).astype(int)
        assert (passport.parts[y - 1 : y + 2, x - 1 : x + 2] == EYE).any()
    # The tip of the nose is the nearest place of the face.
    face = np.where(passport.parts == SKIN, passport.depth, 0)
    y, x = np.unravel_index(np.argmax(face), face.shape)
    assert np.hypot(x - nose[0], y - nose[1]) < 3
    assert at(passport.depth, left) == pytest.approx(2.1, abs=0.12)


@pytest.mark.parametrize("pose", [Pose(yaw=25), Pose(yaw=-25, roll=20), Pose(pitch=18), Pose(pitch=-15, distance=40)])
def test_points_project_where_their_vertices_are_drawn(woman: Person, pose: Pose) -> None:
    shown = picture(woman, pose)
    straight = picture(woman, Pose(distance=pose.distance))
    # A point's depth follows the head's turn: compare the picture's depth with the turned vertex itself.
    for k in (2, 3, 4):
        x, y = np.round(shown.points[k]).astype(int)
        near = shown.depth[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
        turned = expected_depth(woman, pose, k)
        assert np.abs(near - turned).min() < 0.06, (k, near, turned)
    assert np.abs(shown.points - straight.points).max() > 2


def expected_depth(person: Person, pose: Pose, k: int) -> float:
    """Depth of a marked vertex by plain rotation matrices: head on the neck, shoulders a third of the yaw."""
    from sincera.simulate.heads.pack import pack

    vertex = {2: pack().nose, 3: pack().mouth[1], 4: pack().mouth[0]}[k]
    point = person.mesh.rest[vertex].astype(float)
    yaw, pitch, roll = np.radians([pose.yaw, pose.pitch, pose.roll])

    def turned(about: np.ndarray, moved: np.ndarray, yaw: float, pitch: float, roll: float) -> np.ndarray:
        x, y, z = moved - about
        y, z = y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)
        x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
        x, y = x * np.cos(roll) + y * np.sin(roll), y * np.cos(roll) - x * np.sin(roll)
        return about + np.array([x, y, z])

    head, neck = np.array([0.0, -0.15, -0.15]), np.array([0.0, -1.2, -0.28])
    carried = turned(neck, head, yaw / 3, 0.0, 0.2 * roll)
    return float(turned(head, point, yaw, pitch, roll)[2] + carried[2] - head[2] - 0.88 + 2.0)


def test_scale_centre_and_size_say_where_the_face_is(woman: Person) -> None:
    small = render(woman, Pose(scale=0.1, centre=(0.3, 0.6)), Expression(), front_lights(), size=(100, 160))
    eyes, mouth = small.points[:2], small.points[3:]
    # The eyes' fronts are a little nearer than their centres, so that they look 2 % wider apart.
    assert np.linalg.norm(eyes[0] - eyes[1]) == pytest.approx(10, rel=0.04)
    middle = (eyes.mean(0) + mouth.mean(0)) / 2
    np.testing.assert_allclose(middle, (0.3 * 160 - 0.5, 0.6 * 100 - 0.5), atol=0.9)


def test_a_head_outside_the_picture_gives_an_empty_one(woman: Person) -> None:
    empty = picture(woman, Pose(centre=(9.0, 9.0)))
    assert not empty.alpha.any()
    assert not empty.parts.any()


def test_a_blink_closes_the_lids(woman: Person) -> None:
    opened = (picture(woman).parts == EYE).sum()
    closed = (picture(woman, expression=Expression(blink=1.0)).parts == EYE).sum()
    half = (picture(woman, expression=Expression(blink=0.5)).parts == EYE).sum()
    assert opened > 12
    assert closed <= 0.1 * opened
    assert closed < half < opened


def test_lids_do_not_darken_when_they_close(woman: Person) -> None:
    opened, closed = picture(woman), picture(woman, expression=Expression(blink=1.0))
    lid = (opened.parts == EYE) & (closed.parts == SKIN)
    cheek = closed.parts == SKIN
    assert lid.sum() > 8
    assert closed.rgb[lid].mean() > 0.5 * closed.rgb[cheek].mean()


def test_smile_widens_the_mouth_and_an_open_jaw_lowers_it(woman: Person) -> None:
    rest, smile = picture(woman).points, picture(woman, expression=Expression(smile=1.0)).points
    assert np.linalg.norm(smile[3] - smile[4]) > 1.05 * np.linalg.norm(rest[3] - rest[4])
    gaping = picture(woman, expression=Expression(jaw_open=0.8))
    assert gaping.points[3, 1] > rest[3, 1] + 1
    inside = [PARTS.index(name) for name in ("mouth", "teeth", "tongue")]
    assert np.isin(gaping.parts, inside).sum() > 10


def test_gaze_turns_the_eyes_but_not_the_points(woman: Person) -> None:
    ahead, aside = picture(woman, Pose(scale=0.35)), picture(woman, Pose(scale=0.35), Expression(gaze=(25.0, 0.0)))
    eyes = (ahead.parts == EYE) & (aside.parts == EYE)
    assert np.abs(ahead.rgb[eyes] - aside.rgb[eyes]).mean() > 0.02
    np.testing.assert_allclose(ahead.points[:2], aside.points[:2])
    # The dark iris moves to the picture's right.
    columns = np.arange(96)[None, :] * np.ones((96, 1))

    def iris(shown: Rendered) -> float:
        dark = (shown.parts == EYE) & (shown.rgb.mean(2) < np.quantile(shown.rgb[shown.parts == EYE].mean(1), 0.35))
        return float(columns[dark].mean())

    assert iris(aside) > iris(ahead) + 0.5


def test_glasses_and_beard_are_parts_of_their_own(man: Person, passport: Rendered) -> None:
    shown = picture(man)
    for name in ("glasses", "beard", "hair", "brow", "clothes", "neck"):
        assert (shown.parts == PARTS.index(name)).any(), name
    for name in ("glasses", "beard"):
        assert not (passport.parts == PARTS.index(name)).any(), name


def test_light_from_one_side_lights_that_side(woman: Person) -> None:
    dark = np.zeros((4, 3), np.float32)
    soft = np.stack([direction(0, 0)] * 4)
    for azimuth, brighter in ((-70, slice(0, 48)), (70, slice(48, 96))):
        lights = Lights(direction(azimuth, 5), np.ones(3, np.float32), soft, dark)
        shown = render(woman, Pose(), Expression(), lights, size=(96, 96))
        skin = np.where(shown.parts == SKIN, shown.rgb.mean(2), 0)
        assert skin[:, brighter].sum() > 2 * (skin.sum() - skin[:, brighter].sum())


def test_twice_the_light_is_twice_the_radiance(woman: Person) -> None:
    lights = random_lights(np.random.default_rng(0))
    double = Lights(lights.key, 2 * lights.key_colour, lights.soft, 2 * lights.soft_colour, lights.softness)
    one, two = (render(woman, Pose(), Expression(), light, size=(64, 64)).rgb for light in (lights, double))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("supersample", [1, 3])
def test_other_supersampling_draws_the_same_person(woman: Person, supersample: int) -> None:
    plain = picture(woman)
    other = render(woman, Pose(), Expression(), front_lights(), size=(96, 96), supersample=supersample)
    assert np.abs(plain.rgb - other.rgb).mean() < 0.02
    np.testing.assert_allclose(plain.points, other.points)
    assert (plain.parts != other.parts).mean() < 0.04


def test_depth_does_not_depend_on_where_in_the_picture_the_head_is(woman: Person) -> None:
    one = picture(woman, Pose(scale=0.12))
    moved = picture(woman, Pose(scale=0.12, centre=(0.6, 0.55)))
    assert moved.depth.max() == pytest.approx(one.depth.max(), abs=0.02)

import numpy as np

from sincera.simulate.scene import Scene
from sincera.simulate.truth import of_scenes, read_truth, truth_path, write_truth


def scene(relief, points):
    return Scene(np.zeros((40, 60, 3), np.float32), np.full((40, 60), 255, np.uint8), relief, points)


def test_truth_survives_the_file(tmp_path):
    points = np.arange(10, dtype=np.float32).reshape(5, 2)
    scenes = [scene(np.full((40, 60), 80, np.uint8), points), scene(np.zeros((40, 60), np.uint8), None)]
    path = truth_path(tmp_path / "sub" / "clip.avi")
    write_truth(path, of_scenes(scenes, attributes={"age": 30}, instrument={"species": "print"}))
    found = read_truth(path)
    assert found.size == (40, 60)
    assert found.mask.shape == found.depth.shape == (2, 10, 15)
    assert found.depth[0, 0, 0] == 80
    np.testing.assert_array_equal(found.points[0], points)
    assert np.isnan(found.points[1]).all()
    assert (found.attributes, found.instrument) == ({"age": 30}, {"species": "print"})


def test_depth_that_nobody_knows_is_absent_not_zero(tmp_path):
    path = tmp_path / "a.truth.npz"
    write_truth(path, of_scenes([scene(None, None)]))
    assert read_truth(path).depth is None

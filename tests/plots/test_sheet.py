import numpy as np
import pytest

from sincera.errors import UsageError
from sincera.plots import Tile, contact_sheet


def tiles(count, level):
    return [Tile(np.full((8, 8, 3), level, np.uint8), f"0.{number}") for number in range(count)]


def test_every_crop_is_shown_once_with_its_caption_and_empty_groups_are_left_out():
    picture = contact_sheet({"live": tiles(3, 200), "none": [], "print/1": tiles(4, 50)}, rows=2)
    shown = [axes for axes in picture.figure.axes if axes.images]
    assert len(shown) == 7
    assert sorted(axes.get_xlabel() for axes in shown) == ["0.0", "0.0", "0.1", "0.1", "0.2", "0.2", "0.3"]
    assert picture.alt == "Contact sheet of face crops. live: 3; print/1: 4."
    assert picture.png(dpi=50).startswith(b"\x89PNG")


def test_no_crops_is_an_error():
    with pytest.raises(UsageError, match="no crops"):
        contact_sheet({"live": []})

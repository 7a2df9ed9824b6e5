import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincera.media import Sampling

RULES = st.sampled_from(["even", "ssdg", "all"])


@given(st.integers(0, 300), st.integers(1, 40), RULES)
def test_frames_rise_exist_and_never_repeat(n, frames, rule):
    chosen = Sampling(frames, rule).indices(n)
    assert list(chosen) == sorted(set(chosen))
    assert all(0 <= index < n for index in chosen)
    assert len(chosen) <= frames
    if n <= frames:
        assert chosen == tuple(range(n))


@given(st.integers(1, 300), st.integers(1, 40))
def test_even_frames_are_the_centres_of_equal_parts(n, frames):
    if n > frames:
        slow = tuple(int((j + 0.5) * n / frames + 1e-9) for j in range(frames))
        assert Sampling(frames).indices(n) == slow


def test_ssdg_frames_follow_the_authors_lists():
    assert Sampling(3, "ssdg").indices(100) == (6, 39, 72)
    assert Sampling(2, "ssdg").indices(9) == (6, 8)  # 6 and 10, of which the second lies beyond the end


def test_all_frames_may_be_bounded():
    assert Sampling(rule="all").indices(4) == (0, 1, 2, 3)
    assert Sampling(2, "all").indices(4) == (0, 1)


@pytest.mark.parametrize(("frames", "rule"), [(0, "even"), (None, "even"), (None, "ssdg"), (3, "random")])
def test_senseless_samplings_are_refused(frames, rule):
    with pytest.raises(ValueError):
        Sampling(frames, rule)

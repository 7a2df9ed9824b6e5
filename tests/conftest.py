"""Fixtures that every room's tests may use."""

import os
import time

import pytest

PATIENCE_S = 600


@pytest.fixture(scope="session")
def mini_world(tmp_path_factory):
    """The folder of a simulated world at scale `mini` (O, C, I, M in it), written once a session: do not change it.

    Workers of pytest-xdist share it: the first to make the lock folder writes, the others wait for the finished name.
    """
    from sincera.simulate.world import write_world

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    world = shared / "mini-world"
    try:
        (shared / "mini-world.lock").mkdir()
    except FileExistsError:
        until = time.monotonic() + PATIENCE_S
        while not world.exists():
            if time.monotonic() > until or (shared / "mini-world.failed").exists():
                pytest.fail("another worker could not write the mini world")
            time.sleep(0.2)
        return world
    try:
        write_world(shared / "mini-world.part", scale="mini", seed=1)
    except BaseException:
        (shared / "mini-world.failed").touch()
        raise
    (shared / "mini-world.part").rename(world)
    return world

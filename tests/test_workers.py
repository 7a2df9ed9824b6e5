"""Processes that share the work, and end with their parent."""

import math
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from sincera.workers import cores, each_done


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_is_done_once(workers):
    assert sorted(each_done(math.factorial, range(7), workers)) == [1, 1, 2, 6, 24, 120, 720]


def test_no_tasks_start_no_process():
    assert list(each_done(math.factorial, [], cores())) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_work_reaches_the_caller(workers):
    with pytest.raises(ValueError, match="not defined for negative"):
        list(each_done(math.factorial, [-1, -2], workers))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, pathlib, sys, time
            from sincera.workers import each_done

            def wait(name):
                pathlib.Path(name).write_text(str(os.getpid()))
                time.sleep(600)

            if __name__ == "__main__":
                list(each_done(wait, sys.argv[1:], 2))
            """
        )
    )
    names = [tmp_path / "one", tmp_path / "two"]
    parent = subprocess.Popen([sys.executable, str(script), *map(str, names)])
    until = time.monotonic() + 60
    while not all(name.exists() and name.read_text() for name in names):
        assert time.monotonic() < until, "the workers never began"
        time.sleep(0.05)
    workers = [int(name.read_text()) for name in names]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while any(map(alive, workers)):
        assert time.monotonic() < until, "a worker lives on"
        time.sleep(0.05)

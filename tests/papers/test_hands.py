"""Who may start when, and a real cluster of one machine."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sincera.errors import RunError
from sincera.papers.hands import Turns, check_cluster, on_ray


@pytest.mark.parametrize("seed", range(20))
def test_all_run_once_and_none_before_the_first_of_its_key(seed):
    dice = random.Random(seed)
    keys = [dice.choice([None, ("a",), ("b",), ("c",)]) for _ in range(12)]
    turns = Turns(keys)
    running, order, done = [], [], set()
    while True:
        fresh = turns.ready()
        running += fresh
        order += fresh
        if not running:
            break
        one = running.pop(dice.randrange(len(running)))
        for other in fresh:
            first = keys.index(keys[other])
            assert keys[other] is None or other == first or first in done
        done.add(one)
        turns.finish(one)
    assert sorted(order) == list(range(12))


@pytest.mark.parametrize("before", ["", "ray://"])
def test_an_address_where_nobody_listens_is_one_line_within_seconds(before, free_port):
    """Ray asked for half a minute, printed a page, and for HOST:PORT ended the process."""
    begun = time.monotonic()
    with pytest.raises(RunError, match=rf"no Ray cluster answers at '{before}127\.0\.0\.1:{free_port}'") as caught:
        list(on_ray(str, ["task"], [None], f"{before}127.0.0.1:{free_port}", "cpu"))
    assert "\n" not in str(caught.value)
    assert ("10001" if before else "6379") in str(caught.value)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("host", ["no.such.host.invalid", "two..dots", "[::1"])
def test_a_host_that_is_none_is_told_so(host):
    with pytest.raises(RunError):
        check_cluster(f"{host}:1")


@pytest.mark.parametrize("address", ["ray://head", "http://head:80", "head:port", "head:99999999", "10.0.0.1:6379/"])
def test_an_address_of_another_form_is_refused(address):
    with pytest.raises(RunError, match="expected local, auto, HOST:PORT or ray://HOST:PORT"):
        check_cluster(address)


def test_a_port_out_of_range_is_refused():
    with pytest.raises(RunError, match="no Ray cluster answers"):
        check_cluster("127.0.0.1:99999")


@pytest.mark.parametrize("address", [None, "local", "auto"])
def test_words_are_left_to_ray(address):
    check_cluster(address)


@pytest.mark.parametrize("before", ["", "ray://"])
def test_where_somebody_listens_ray_may_ask(before):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        check_cluster(f"{before}127.0.0.1:{listener.getsockname()[1]}")


def test_a_cluster_gives_the_table_that_one_process_gives(store, brief, tmp_path):
    """Also from another folder than the runs', with paths as a user types them."""
    teachers = {text.partition("=")[2] for text in brief if "teacher" in text}
    here = tmp_path / "here"
    here.mkdir()
    local = [text.replace(str(Path(sorted(teachers)[0]).parent), ".") for text in brief]
    for teacher in teachers:
        (here / Path(teacher).name).write_bytes(Path(teacher).read_bytes())
    sets = [word for text in local for word in ("--set", text)]
    command = [Path(sys.executable).with_name("sincera"), "table", "dtda/2", "--store", store.folder, "--json", *sets]
    command += ["--preset", "demo", "--seeds", "0", "--protocols", "OC:M", "--rows", "V1,V5,V5-pgd", "--device", "cpu"]
    found = []
    for more in (["--runs", "alone"], ["--runs", "spread", "--ray", "local"]):
        done = subprocess.run(
            [*command, *more],
            cwd=here,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        cells = json.loads(done.stdout)["cells"]
        for cell in cells:
            del cell["runs"]
        found.append(cells)
    assert found[0] == found[1]
    names = [sorted(path.name for path in (here / runs).iterdir()) for runs in ("alone", "spread")]
    assert names[0] == names[1]
    trained = [
        {line["stage"] for line in map(json.loads, log.read_text().splitlines())}
        for log in (here / "spread").glob("*/log.jsonl")
    ]
    assert sorted(map(sorted, trained)) == [["domain", "train"], ["train"], ["train"]], "one domain classifier for both"

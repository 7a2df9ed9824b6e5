"""Train each toy twice: once in peace, once killed by signal 9 at random moments until it is through.

`kill_at_random.py FOLDER` writes how often it killed. Children are forked, so that each costs no import of PyTorch.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from toys import METHODS, toy_world, trainer_of

from sincera.runs import Run


def start(name: str, folder: Path) -> int:
    child = os.fork()
    if child == 0:
        torch.set_num_threads(1)
        trainer_of(name, folder, toy_world()).train()
        os._exit(0)
    return child


def main(root: Path) -> int:
    kills, dice = 0, random.Random(0)
    for name in METHODS:
        began = time.monotonic()
        os.waitpid(start(name, root / "whole" / name), 0)
        lasts = time.monotonic() - began
        folder = root / "killed" / name
        for attempt in range(20):
            child = start(name, folder)
            time.sleep(lasts * dice.uniform(0.2, 0.5 + 0.1 * attempt))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            kills += os.WIFSIGNALED(status)
            if Run(folder).done:
                break
    return kills


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]))))

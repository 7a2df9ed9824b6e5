"""The one loop: runs a method's stages, evaluates the last one, and loses nothing when it is killed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sincera.clip import Clip
from sincera.data.protocols import Lists
from sincera.errors import RunError
from sincera.evaluate.faces import Faces
from sincera.evaluate.score import score_clips
from sincera.measures.selection import choose
from sincera.measures.table import SourceScores
from sincera.progress import Track, silent
from sincera.runs import Run
from sincera.train import checkpoint
from sincera.train.feeder import Feeder, Target, plain_batches, rows_of
from sincera.train.journal import Journal
from sincera.train.mapped import with_maps
from sincera.train.method import Method, Stage, never
from sincera.train.plan import TORCH, Rows, seed_sequence
from sincera.train.precision import autocast, memory_format, usable
from sincera.train.ranks import rank, synchronise_batch_norm, wait_for_all, world
from sincera.train.scorer import scorer_of


class Trainer:
    """Trains a method into a run folder; started again after a crash, it ends with the same weights.

    faces: where crops come from; wrap a store in `Remembered`.  identity: what decides the data beside the lists, so
    that finished stages are shared rightly.  runs: folder below which finished stages of siblings are looked for.
    """

    def __init__(
        self,
        method: Method,
        faces: Faces,
        lists: Lists,
        run: Run,
        *,
        seed: int,
        identity: Mapping[str, Any],
        device: torch.device | None = None,
        runs: Path | None = None,
        track: Track = silent,
    ) -> None:
        self.device = device or torch.device("cpu")
        self._trainable = {id(p) for p in method.parameters() if p.requires_grad}
        synchronise_batch_norm(method)
        layout = memory_format(self.device)
        self.method = method.to(self.device).to(memory_format=layout)
        self._target = Target(self.device, _dtype_of(method), layout)
        self.faces, self.lists, self.run, self.seed, self._runs, self._track = faces, lists, run, seed, runs, track
        self._recipe = method.recipe
        self._keys = checkpoint.StageKeys(method.recipe, identity, method.recipe.evaluate_every)
        self._journal = Journal(run, active=rank() == 0)

    def train(self) -> None:
        """Run every stage that is not finished, and mark the run as done."""
        stages = tuple(self.method.stages())
        _check_names(stages)
        if rank() == 0:
            self.run.sweep()
        last = self._last_checkpoint()
        offset = 0
        with self._journal.opened():
            for number, stage in enumerate(stages):
                scored = self.method.scored and number == len(stages) - 1
                name = f"{stage.name}-{self._keys.key(stages[: number + 1])}"
                finished = None if scored else self._shared(name)
                if finished is not None:
                    checkpoint.restore_stage(stage, checkpoint.load(finished), finished)
                else:
                    self._run_stage(stage, name, last, scored=scored, offset=offset, earlier=stages[:number])
                offset += stage.steps
        if rank() == 0:
            self.run.mark_done()
        wait_for_all()

    # One stage

    def _run_stage(
        self,
        stage: Stage,
        name: str,
        last: Mapping[str, Any] | None,
        *,
        scored: bool,
        offset: int,
        earlier: Sequence[Stage],
    ) -> None:
        start, finished = self._start(stage, name, last)
        self._journal.cut_back(stage.name, start, tuple(one.name for one in earlier))
        precision = usable(stage.precision, self.device)
        if not finished and start < stage.steps:
            rows = self._rows(self.lists.train, stage)
            feeder = Feeder(self.faces, stage.feed, rows, seed=self.seed, stage=stage.name, share=(rank(), world()))
            batches = feeder.batches(start, stage.steps, self._target)
            with closing(batches):
                self._set_modes(stage)
                for batch in self._track(batches, f"{stage.name}", stage.steps - start):
                    self._seed(stage.name, batch.step)
                    with autocast(precision, self.device):
                        logged = stage.update(batch)
                    self._journal.add(logged)
                    if self._after_step(stage, name, batch.step + 1, scored=scored, offset=offset):
                        break
        if not scored:
            self._save(self.run.checkpoint(name), checkpoint.stage_state(stage))
        wait_for_all()

    def _rows(self, clips: Sequence[Clip], stage: Stage) -> Rows:
        """Faces that the stage can use; run.json says how many it cannot."""
        facts = self.method.facts
        rows = rows_of(self.faces, clips, facts, stage.feed.view)
        rows, lines = with_maps(self.faces, rows, stage.feed.needs, facts, stage=stage.name)
        if lines and rank() == 0 and self.run.exists:
            info = self.run.info()
            self.run.write_info({**info, "notes": list(dict.fromkeys([*info.get("notes", ()), *lines]))})
        return rows

    def _after_step(self, stage: Stage, name: str, step: int, *, scored: bool, offset: int) -> bool:
        """Log, evaluate, ask whether to stop, and save; all by the step's number alone. Says whether to stop."""
        recipe, ends = self._recipe, step == stage.steps
        evaluates = ends or step % recipe.evaluate_every == 0
        saves = evaluates or step % recipe.checkpoint_every == 0
        stops = evaluates and stage.done is not never and self._asks(stage, step)
        if saves or step % recipe.log_every == 0:
            self._journal.write(stage.name, step, offset)
        if scored and evaluates:
            self._evaluate(stage, step)
        if evaluates:
            self._set_modes(stage)
        if saves:
            self._save_last(stage, name, step, finished=ends or stops)
        return stops

    def _start(self, stage: Stage, name: str, last: Mapping[str, Any] | None) -> tuple[int, bool]:
        """The step to go on from, and whether the stage was over: from last.pt where it is of this stage, else anew."""
        if last is None or last["stage"] != name:
            self._seed(stage.name, -1)
            stage.begin()
            if rank() == 0 and (weights := self.method.weights()) and self.run.exists:
                self.run.write_info({**self.run.info(), "weights": weights})
            return 0, False
        self.method.load_state_dict(last["method"])
        checkpoint.restore_stage(stage, last["work"], self.run.checkpoint("last"))
        return int(last["step"]), bool(last["finished"])

    def _set_modes(self, stage: Stage) -> None:
        """What the stage trains: train mode and gradients, save for what was made without one. The rest: frozen."""
        self.method.eval().requires_grad_(requires_grad=False)
        for module in stage.modules.values():
            module.train()
            for parameter in module.parameters():
                parameter.requires_grad_(id(parameter) in self._trainable)

    def _seed(self, stage: str, step: int) -> None:
        """Every step draws from its own numbers, so that resuming needs no state of a generator.

        Each rank has others, but for what `begin` draws (step -1): all ranks start from the same weights.
        """
        dealt = rank() if step >= 0 else 0
        seed = seed_sequence(self.seed, stage, TORCH, step + 1, dealt).generate_state(1, "uint64")[0]
        torch.manual_seed(int(seed) >> 1)

    # Evaluation

    def _asks(self, stage: Stage, step: int) -> bool:
        """The stage's own early stop, on source validation."""
        self.method.eval()
        size, needs = stage.feed.size, stage.feed.needs
        rows = self._rows(self.lists.dev, stage)
        batches = plain_batches(self.faces, rows, needs, self._target, size=size, step=step, steps=stage.steps)
        with closing(batches), torch.no_grad():
            stop = stage.done(batches)
        self._journal.add(stop.logged)
        return stop.now

    def _evaluate(self, stage: Stage, step: int) -> None:
        """Score source validation and target, and keep ST's choice up to date from the former alone."""
        if rank() == 0:
            scorer = scorer_of(self.method, self._target)
            view = stage.feed.view
            dev = score_clips(scorer, self.faces, self.lists.dev, view=view) if self.lists.dev else None
            self.run.write_scores(step, dev, score_clips(scorer, self.faces, self.lists.test, view=view))
            if dev is not None:
                self._choose(step)
        wait_for_all()

    def _choose(self, step: int) -> None:
        seen: list[tuple[int, SourceScores]] = []
        for earlier in self.run.steps():
            scores = self.run.source_scores(earlier) if earlier <= step else None  # none of a run that was cut short
            if scores is not None:
                seen.append((earlier, scores))
        if choose(seen) == step:
            self._save(self.run.checkpoint("source"), {"step": step, "method": self.method.state_dict()})

    # Checkpoints

    def _shared(self, name: str) -> Path | None:
        """The first rank looks and copies, then all read the run's own file."""
        if rank() == 0:
            checkpoint.take_over(self.run, name, self._runs)
        wait_for_all()
        own = self.run.checkpoint(name)
        return own if own.is_file() else None

    def _last_checkpoint(self) -> dict[str, Any] | None:
        path = self.run.checkpoint("last")
        return checkpoint.load(path) if path.is_file() else None

    def _save_last(self, stage: Stage, name: str, step: int, *, finished: bool) -> None:
        payload = {
            "stage": name,
            "step": step,
            "finished": finished,
            "method": self.method.state_dict(),
            "work": checkpoint.stage_state(stage),
        }
        self._save(self.run.checkpoint("last"), payload)

    def _save(self, path: Path, payload: Mapping[str, Any]) -> None:
        if rank() == 0:
            checkpoint.save(path, payload)


def _check_names(stages: Sequence[Stage]) -> None:
    names = [stage.name for stage in stages]
    if not names or len(set(names)) != len(names):
        raise RunError(f"a method's stages need names of their own; found {names}.")


def _dtype_of(module: nn.Module) -> torch.dtype:
    return next((p.dtype for p in module.parameters() if p.dtype.is_floating_point), torch.float32)

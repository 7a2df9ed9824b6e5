"""Own captures as a model sees them: features and log-odds of every face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Label
from sincera.errors import FitError
from sincera.fit.captures import Capture, captures
from sincera.fit.kept import kept_faces
from sincera.judge import Judge, Source
from sincera.media import sniff
from sincera.model import Link, ModelSpec, Session, log_odds
from sincera.progress import Track, silent

Floats = NDArray[np.float64]

LOOSE = "loose pictures"


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """N faces, one a frame.

    odds: (N,) the model's log-odds of an attack.  features: (N, D) by network.  label: (N,) live 0, attack 1.
    clip: (N,) the file.  recording: (N,) who or what was recorded: faces of one recording are neighbours.
    without: how many files gave no face, by outcome.
    """

    odds: Floats
    features: Mapping[str, Floats]
    label: NDArray[np.int64]
    clip: NDArray[np.str_]
    recording: NDArray[np.str_]
    without: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.label)

    @property
    def joined(self) -> Floats:
        """(N, all D): the networks' features side by side."""
        return np.concatenate(list(self.features.values()), axis=1)

    def select(self, rows: NDArray[Any]) -> Examples:
        return Examples(
            self.odds[rows],
            {name: values[rows] for name, values in self.features.items()},
            self.label[rows],
            self.clip[rows],
            self.recording[rows],
            self.without,
        )

    def recordings(self, label: Label) -> tuple[str, ...]:
        """Of one class, sorted."""
        return tuple(sorted(set(self.recording[self.label == label.number].tolist())))

    def by_network(self, joined: Floats) -> dict[str, Floats]:
        """Weights over `joined` as weights by network."""
        ends = np.cumsum([values.shape[1] for values in self.features.values()])[:-1]
        return dict(zip(self.features, np.split(joined, ends), strict=True))


def own_examples(judge: Judge, live: Path, attacks: Path, *, track: Track = silent) -> Examples:
    """Every face below the folders (see `captures`); of a video those of the frames that the model samples.

    A person's folder is one recording, an instrument's folder without people too; a video in neither is one of its
    own, and loose pictures are one together, since nobody says that they are not neighbours.
    FitError where a class shows no face that is judged, UsageError where a folder is absent or empty.
    """
    found = captures(live, attacks)
    asked = [(one.path, one.label.number, one.name, _recording(one)) for one in found]
    examples = _seen(judge, asked, "looking", track)
    for label, folder in ((Label.LIVE, live), (Label.ATTACK, attacks)):
        if not examples.recordings(label):
            raise FitError(f"{folder}: none of its pictures and videos shows a face that can be judged.")
    return examples


def simulated_examples(judge: Judge, *, track: Track = silent) -> Examples:
    """The same of the simulated faces that come with the package; recordings are species."""
    asked = [(one.image, one.label, str(number), one.species) for number, one in enumerate(kept_faces())]
    return _seen(judge, asked, "simulated faces", track)


def link_of(spec: ModelSpec) -> Link:
    """How a model's score becomes log-odds."""
    return spec.members[0].link if spec.fusion.kind == "single" else "probability"


def _seen(judge: Judge, asked: Sequence[tuple[Source, int, str, str]], title: str, track: Track) -> Examples:
    spec = judge.model.spec
    names = [member.name for member in spec.networks if "features" in member.outputs]
    if not names:
        raise FitError(f"model {spec.name}: none of its networks gives features, so that no head can be fitted.")
    session = Session(judge.model)
    odds: list[Floats] = []
    features: dict[str, list[Floats]] = {name: [] for name in names}
    rows: list[tuple[int, str, str]] = []
    without: Counter[str] = Counter()
    for source, label, clip, recording in track(asked, title, len(asked)):
        look = judge.look(source)
        if not look.scorable:
            without["unreadable" if look.error or not look.sights else str(look.sights[0].reason)] += 1
            continue
        answer = session.scores(judge.inputs(look))
        odds.append(log_odds(answer.score, link_of(spec)))
        for name in names:
            features[name].append(answer.features[name].astype(np.float64))
        rows += [(label, clip, recording)] * len(look.scorable)
    return Examples(
        np.concatenate([np.empty(0), *odds]),
        {name: np.concatenate(several) if several else np.empty((0, 0)) for name, several in features.items()},
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.str_),
        np.array([row[2] for row in rows], np.str_),
        dict(without),
    )


def _recording(one: Capture) -> str:
    if one.subject:
        return one.subject
    if "/" in one.name.removeprefix("live/").removeprefix("attacks/"):
        return one.attack
    return one.name if sniff(one.path) == "video" else LOOSE

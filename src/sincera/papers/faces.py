"""Where a table's faces come from: a store, data sets to prepare into it, or a simulated world made for the purpose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sincera.clip import Clip
from sincera.data.prepare import Preparation
from sincera.data.sources import Root, parse_root, read_clips
from sincera.data.store import Store
from sincera.experiments import open_store
from sincera.faces.spec import CropSpec
from sincera.media import Sampling
from sincera.progress import Track, silent

SIMULATED = Preparation(Sampling(8, "even"), {"face": CropSpec(size=128)}, "mtcnn", None)  # as the demo prepares
CROPS = "crops"


@dataclass(frozen=True)
class Faces:
    """Clips, and the store with their crops.

    folder: of the store; None for `crops` where roots are given, else for `crops-DOMAINS` in the world's folder: one
    for each choice of domains, since a store that grows is another store, and the trainings on it are others.
    roots: data sets; with none and no folder, the domains that a table needs are simulated in `world`, at `scale`.
    enrolment, splits, seed: see `open_store`.
    """

    folder: Path | None = None
    roots: tuple[Root, ...] = ()
    world: Path = Path("simulated")
    scale: str = "tiny"
    enrolment: bool = False
    splits: str | None = None
    seed: int = 0
    track: Track = silent

    @cached_property
    def simulated(self) -> bool:
        """Whether a world is made for the table."""
        return self.folder is None and not self.roots

    def domains(self, simulated: str) -> frozenset[str] | None:
        """Domains that there will be clips of; None where only the store knows.  simulated: see `clips`."""
        if self.folder is not None and not self.roots:
            return None
        return frozenset(simulated if self.simulated else (root.domain for root in self.roots))

    def clips(self, domains: str) -> tuple[Clip, ...]:
        """All clips at hand, without cutting a face.  domains: those that are simulated where nothing is given."""
        if self.folder is not None and not self.roots:
            return Store.open(self.folder).clips
        options = {"enrolment": self.enrolment, "splits": self.splits, "seed": self.seed}
        return tuple(clip for root in self._roots(domains) for clip in read_clips(*root, **options).clips)  # type: ignore[arg-type]

    def store(self, domains: str) -> tuple[Store, tuple[Clip, ...] | None]:
        """The store with all crops, prepared where they are missing, and the clips to divide (None: all of it)."""
        return open_store(
            self._folder(domains),
            self._roots(domains),
            preparation=SIMULATED if self.simulated else None,
            enrolment=self.enrolment,
            splits=self.splits,
            seed=self.seed,
            track=self.track,
        )

    def _folder(self, domains: str) -> Path:
        if self.folder is not None:
            return self.folder
        return self.world / f"{CROPS}-{domains}" if self.simulated else Path(CROPS)

    def _roots(self, domains: str) -> tuple[Root, ...]:
        if not self.simulated:
            return self.roots
        from sincera.simulate.world import write_world

        made = write_world(self.world, scale=self.scale, seed=self.seed, domains=domains, track=self.track)
        return tuple(parse_root(f"{domain}={root}") for domain, root in made.items())

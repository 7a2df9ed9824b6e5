"""The MiniFASNet pair as members of a model file: what its authors' files take and give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sincera.errors import ModelError
from sincera.faces import CropSpec, DetectorSpec
from sincera.model import Licences, Member
from sincera.model.compose import faster, join, load_graph, softmax_score

MEMBERS = Path(__file__).parent / "members"
LIVE_CLASS = 1  # of three; 0 and 2 are prints and screens
FEATURES = "/conv_6_flatten/Reshape_output_0"  # (N, 512), behind which only linear layers follow
LICENCES = Licences(
    code="Apache-2.0 (Silent-Face-Anti-Spoofing, Minivision 2020)",
    weights="Apache-2.0 (Silent-Face-Anti-Spoofing, Minivision 2020)",
    data="private, of Minivision; its terms were never published",
)


@dataclass(frozen=True)
class Source:
    """One file of the pair.  margin: by how much more than the face its crop is wide."""

    name: str
    file: str
    sha256: str
    margin: float

    @property
    def path(self) -> Path:
        return MEMBERS / self.file


PAIR = (
    Source(
        "minifasnet_v2",
        "minifasnet_v2_scale2.7.onnx",
        "4040cc4c2078ba39df8c240adf53808f6b83798546c0e8e224f75a3a7dc465bc",
        1.7,
    ),
    Source(
        "minifasnet_v1se",
        "minifasnet_v1se_scale4.0.onnx",
        "8c0ddfa0acf7ddd8ab77661d49489f3adddde40c7b0f6ab4a26cf50c68e0c17a",
        3.0,
    ),
)


def pair_graph() -> bytes:
    """Both networks in one graph: `NAME/input` to `NAME/score` and `NAME/features`."""
    networks = {
        one.name: softmax_score(faster(load_graph(_content(one))), live=LIVE_CLASS, features=FEATURES) for one in PAIR
    }
    graph: bytes = join(networks).SerializeToString(deterministic=True)
    return graph


def pair_members(detector: DetectorSpec) -> tuple[Member, ...]:
    """Their records.  They were trained on windows moved inside the picture; any other border ruins them.

    They were also shrunk by bilinear sampling: without its aliasing twice as many lives of `nuaa` lie above 0.5.
    """
    return tuple(
        Member(
            one.name,
            CropSpec("box", one.margin, 80, "shift", "box", "BGR", "0-255", detector, "bilinear"),
            f"{one.name}/input",
            {"score": f"{one.name}/score", "features": f"{one.name}/features"},
            "probability",
            LICENCES,
            trained_on=("Minivision's private pictures",),
            source_sha256=one.sha256,
        )
        for one in PAIR
    )


def _content(source: Source) -> bytes:
    content = source.path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != source.sha256:
        raise ModelError(f"{source.path}: SHA-256 {digest}, expected {source.sha256}: not the file that was published.")
    return content

"""CelebA-Spoof's own protocols, by the sides that its lists give each picture.

    celeba/intra                         intra_test: every species and device on both sides
    celeba/1                             protocol1: species are tested that training has not seen
    celeba/2/low, /middle, /high         protocol2: one quality of capture device is tested, the others train

The owner has no development part, so a fifth of the train people validate. `celeba/2` stands for its three parts, of
which papers give the mean and the sample standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping

from sincera.data.protocols.protocol import Protocol, Validation
from sincera.data.protocols.selector import Selector
from sincera.data.sources.celeba_lists import INTRA, QUALITIES

DOMAIN = "S"
CELEBA: Mapping[str, str] = {  # protocol → the condition that tells a clip's side
    "celeba/1": "protocol1",
    **{f"celeba/2/{quality}": f"protocol2/{quality}" for quality in QUALITIES},
    "celeba/intra": INTRA,
}


def celeba(name: str, *, validation: Validation = "source", seed: int = 0) -> Protocol:
    """One of the five, by its name in `CELEBA`.

    >>> celeba("celeba/2/low").test[0].to_dict()
    {'domains': ['S'], 'conditions': {'protocol2/low': ['test']}}
    """
    train, test = (Selector((DOMAIN,), conditions={CELEBA[name]: (side,)}) for side in ("train", "test"))
    return Protocol(name, (DOMAIN,), (DOMAIN,), (train,), (), (test,), validation=validation, seed=seed)

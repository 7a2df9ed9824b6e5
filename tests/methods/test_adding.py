"""The method that docs/adding-a-method.md shows works as it stands there."""

import re
from pathlib import Path

import torch

from sincera.recipe import load_recipe
from sincera.train import Batch, Facts, Method, build_method

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-method.md"


def test_the_method_of_the_page() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    names: dict[str, type[Method]] = {"__name__": "page"}  # type: ignore[dict-item]
    exec(compile(code, str(PAGE), "exec"), names)
    cls = names["Tiny"]
    facts = Facts(("A",), ("A/1",), clips=8, size=16)
    method = build_method(
        cls, load_recipe(cls.recipe_type, sets=["width=4", "length=3 steps", "batch=4"]), facts, seed=0
    )
    (stage,) = method.stages()
    assert stage.steps == 3
    labels = torch.tensor([0, 1, 0, 1])
    zeros = torch.zeros(4, dtype=torch.long)
    batch = Batch(torch.rand(4, 3, 16, 16), labels, zeros, zeros, zeros, zeros.bool(), {}, (), step=0, steps=3, seed=0)
    before = {name: tensor.clone() for name, tensor in method.state_dict().items()}
    assert stage.update(batch)["loss"] > 0
    assert any(not torch.equal(tensor, before[name]) for name, tensor in method.state_dict().items())
    assert method.score(batch.crops).score.shape == (4,)

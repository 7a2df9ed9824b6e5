"""What Table 4 prints follows from our counter, as far as it follows from anything."""

import pytest
import torch

from sincera.methods import load_method
from sincera.nets import multiply_adds
from sincera.nets.detectors import detector, map_teacher
from sincera.papers.mtfas.costs import COUNTED_AT, costs_of, first_layer, meta_iteration
from sincera.recipe import load_recipe


def costs(method, *sets, preset="paper", **options):
    recipe = load_recipe(load_method(method).recipe_type, preset=preset, sets=sets)
    return costs_of(method, recipe, **options)


@pytest.mark.parametrize(
    ("method", "supervision", "teacher", "student"),
    [
        ("pixel", "depth", None, 280.4),
        ("pixel", "distill", 451.6, 431.3),
        ("pixel", "bans", 280.4, 374.2),
        ("pixel", "distill_light", 5.3, 282.3),
        ("okddip", None, None, 841.2),
    ],
)
def test_the_papers_networks_cost_what_is_printed_where_that_can_be_followed(method, supervision, teacher, student):
    """Printed are 280; 453, 431; 280; 5.3, 283: counted by hand, layer by layer."""
    found = costs(method, *([] if supervision is None else [f"supervision={supervision}"]))
    assert found.student / 1e9 == pytest.approx(student, abs=0.06)
    assert (found.teacher is None) == (teacher is None)
    if teacher is not None:
        assert found.teacher / 1e9 == pytest.approx(teacher, abs=0.06)


def test_the_meta_teacher_costs_far_less_than_is_printed():
    """781 G are printed; 800 passes of 60.3 M, by the adjoint route, counted by hand, are 48 G."""
    found = costs("mtfas")
    assert found.student / 1e9 == pytest.approx(282.3, abs=0.06)
    assert 0.9 * 48.2 < found.teacher / 1e9 < 1.3 * 48.2
    assert {name: steps for name, (steps, _) in found.stages.items()} == {"pretrain": 20_000, "bilevel": 10_000}
    pretrain, bilevel = (steps * one for steps, one in found.stages.values())
    assert found.teacher_total == pretrain + bilevel
    assert found.to_dict()["stages"]["bilevel"]["multiply_adds"] == found.teacher


def test_ablations_of_the_teacher_cost_what_they_train():
    assert list(costs("mtfas", "pretrain.on=false", "width=2").stages) == ["bilevel"]
    assert costs("mtfas", "teacher.origin=bilevel-1.pt", "width=2").stages == {}
    light, heavy = (costs("mtfas", f"teacher.network={name}", "width=2") for name in ("fasdr_light", "resnet8"))
    assert heavy.teacher > light.teacher
    assert heavy.student > light.student, "it shows its map to the student"


def test_epochs_take_the_number_of_clips():
    few, many = (
        costs("pixel", "supervision=bans", "width=2", "rival.batch=32", "rival.length=10 epochs", clips=n)
        for n in (320, 640)
    )
    assert [one.stages["teacher"][0] for one in (few, many)] == [100, 200]


def test_an_inner_step_more_costs_as_much_again_and_area_counts_in_full():
    networks = detector("fasdr_light", width=2), map_teacher("fasdr_light", width=2)
    of = {
        (steps, size): meta_iteration(*networks, train=4, valid=2, inner_steps=steps, size=size)
        for steps in (1, 2, 3)
        for size in (COUNTED_AT, 2 * COUNTED_AT)
    }
    assert of[3, COUNTED_AT] - of[2, COUNTED_AT] == of[2, COUNTED_AT] - of[1, COUNTED_AT] > 0
    assert of[2, 2 * COUNTED_AT] == 4 * of[2, COUNTED_AT]
    assert multiply_adds(networks[0], 64) == 4 * multiply_adds(networks[0], 32)


def test_the_first_layer_is_that_which_sees_the_image():
    network = detector("fasdr", width=4)
    assert first_layer(network, 32) == 3 * 9 * 4 * 32 * 32
    assert network.training, "counting leaves the mode alone"
    mixed = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1, stride=2), torch.nn.Conv2d(2, 8, 3, padding=1))
    assert first_layer(mixed, 8) == 3 * 2 * 16

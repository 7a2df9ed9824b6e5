import torch
from torch.nn import functional as F

from sincera.nets import multiply_adds, parameters
from sincera.nets.resnet8 import resnet8


def test_count_and_cost_of_the_table():
    with torch.device("meta"):  # shapes alone
        network = resnet8()
    assert parameters(network) == 306_673
    assert round(multiply_adds(network, 256) / 1e6, 1) == 888.3


def test_the_map_is_the_one_of_the_layers_written_out(crops):
    network = resnet8((2, 3, 4, 5)).train()
    network(crops)  # running statistics other than 0 and 1
    network.eval()
    maps = 2 * crops - 1
    for number, block in enumerate(network.blocks):
        conv, norm = block.first[0], block.first[1]
        inside = norm(F.conv2d(maps, conv.weight, conv.bias, padding=1)).clamp(min=0)
        inside = F.conv2d(inside, block.second.weight, block.second.bias, padding=1)
        inside = inside + F.conv2d(maps, block.shortcut.weight, block.shortcut.bias)
        maps = block.sum[0](inside).clamp(min=0)
        if number < 3:
            maps = F.max_pool2d(maps, 2)
    raw = F.conv2d(maps, network.last.conv.weight, network.last.conv.bias, padding=1)
    torch.testing.assert_close(network(crops), raw)
    clipped = resnet8((2, 3, 4, 5), ending="detector").eval()
    clipped.load_state_dict(network.state_dict())
    torch.testing.assert_close(clipped(crops), raw.clamp(min=0))
    assert raw.min() < 0

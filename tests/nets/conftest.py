import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def crops():
    return torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))

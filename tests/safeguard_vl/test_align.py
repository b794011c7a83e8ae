"""The fitted layer is the weighted least-squares solution."""

from __future__ import annotations

import numpy as np
import torch

from pipeline.safeguard_vl.align import least_squares


def test_an_exact_linear_relation_is_recovered() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(500, 6, generator=generator)
    weight, bias = torch.randn(3, 6, generator=generator), torch.randn(3, generator=generator)
    found, offset, explained = least_squares(features, features @ weight.T + bias, torch.ones(500))
    torch.testing.assert_close(found, weight, atol=5e-3, rtol=0)
    torch.testing.assert_close(offset, bias, atol=5e-3, rtol=0)
    assert explained > 0.999


def test_weights_count_as_repetitions() -> None:
    generator = np.random.default_rng(1)
    features, targets = generator.normal(size=(30, 2)), generator.normal(size=(30, 1))
    repeats = generator.integers(1, 4, 30)
    design = np.column_stack([np.repeat(features, repeats, 0), np.ones(repeats.sum())])
    expected = np.linalg.lstsq(design, np.repeat(targets, repeats, 0), rcond=None)[0][:, 0]
    found, offset, _ = least_squares(*(torch.from_numpy(a).float() for a in (features, targets, repeats)))
    np.testing.assert_allclose([*found[0], *offset], expected, atol=3e-3)

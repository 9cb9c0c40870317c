"""Estimate: a number that carries its interval."""

from __future__ import annotations

import dataclasses

import pytest

from cfscore.metrics import Estimate, KsEstimate


def test_reads_as_a_number_and_as_an_interval():
    estimate = Estimate(0.58, 0.5, 0.66, 0.04, 0.9)
    assert float(estimate) == 0.58
    assert str(estimate) == "0.5800 [0.5000, 0.6600]"
    assert repr(estimate) == "Estimate(0.5800 [0.5000, 0.6600] at 90%)"


def test_a_subclass_shows_its_own_name():
    estimate = KsEstimate(0.5, 0.4, 0.6, 0.05, 0.999, cutoff=0.1, is_oriented=True)
    assert repr(estimate) == "KsEstimate(0.5000 [0.4000, 0.6000] at 99.9%)"


def test_cannot_be_changed():
    estimate = Estimate(0.58, 0.5, 0.66, 0.04, 0.95)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.value = 0.9

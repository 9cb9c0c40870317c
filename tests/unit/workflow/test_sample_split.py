from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import FitError
from cfscore.workflow import split_rows


@given(
    st.lists(st.booleans(), min_size=1, max_size=200),
    st.floats(0.0, 0.9),
    st.integers(0, 5),
)
def test_every_row_is_in_one_sample(late: list[bool], share: float, seed: int) -> None:
    is_late = np.array([*late, False])
    split = split_rows(len(is_late), is_late=is_late, holdout=share, seed=seed)
    parts = [split.development, split.holdout, split.out_of_time]
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(is_late)))
    assert all((np.diff(part) > 0).all() for part in parts)
    assert split.out_of_time.tolist() == np.flatnonzero(is_late).tolist()
    assert split.holdout.size == int(share * (~is_late).sum())


def test_seed_decides_the_holdout() -> None:
    first, again, other = (
        split_rows(1000, holdout=0.3, seed=seed).holdout.tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_empty_samples_are_left_out() -> None:
    split = split_rows(3, holdout=0.0, seed=0)
    assert list(split.samples) == ["development"]


def test_nothing_to_develop_on_is_refused() -> None:
    with pytest.raises(FitError, match="No row is left to develop on") as caught:
        split_rows(2, is_late=np.array([True, True]), holdout=0.3, seed=0)
    assert caught.value.code == "EMPTY_SAMPLE"

"""T3: at tiny widths every call is enumerated, and the solver's verdicts must match exactly. The whole
series is ``make agreement``, whose table is docs/agreement.md."""

import pytest

from tests.agreement.comparison import FULL_EVERY, compare_policy


@pytest.mark.parametrize("number", range(12))
def test_small_policies(number: int) -> None:
    assert [entry for entry in compare_policy(number) if entry.problem is not None] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [*range(200, 299), FULL_EVERY - 1])
def test_more_policies(number: int) -> None:
    assert [entry for entry in compare_policy(number) if entry.problem is not None] == []

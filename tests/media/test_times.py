"""Times as people write them."""

from fractions import Fraction

import pytest

from animate_cli.errors import MediaError
from animate_cli.media import parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", Fraction(0)),
        ("12.5", Fraction(25, 2)),
        (".04", Fraction(1, 25)),
        ("90", Fraction(90)),
        ("1:12.5", Fraction(145, 2)),
        ("1:02:12.25", Fraction(3732) + Fraction(1, 4)),
        (" 0:00:03 ", Fraction(3)),
    ],
)
def test_times_are_exact(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "abc", "-1", "1:60", "1:2:3:4", "1e3", "nan", "1:-2"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(MediaError, match="is not a time"):
        parse_time(text)

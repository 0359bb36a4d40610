"""Times as people write them."""

import re
from fractions import Fraction

from animate_cli.errors import MediaError

CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d*)?|\.\d+)")


def parse_time(text: str) -> Fraction:
    """Return the seconds, exact, that "12.5", "1:12.5" or "1:02:12.5" name.

    Raises:
        MediaError: The text is not a time.
    """
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        raise MediaError(f"{text!r} is not a time; write seconds (12.5) or [H:]M:S (1:12.5)")
    hours, minutes, seconds = match.groups()
    if minutes is not None and Fraction(seconds) >= 60:
        raise MediaError(f"{text!r} is not a time; seconds behind minutes stay below 60")
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)

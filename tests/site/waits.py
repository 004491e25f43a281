"""Waits for what a test needs next."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LIMIT = 600.0
"""Seconds after which something hangs. They say nothing of how long it should take: machines differ."""


def until(condition: Callable[[], T], wanted: str, seen: Callable[[], object] = lambda: "", pause: float = 0.2) -> T:
    """Return the condition's first true value.

    :param wanted: what is waited for, for the failure.
    :param seen: what the failure shows besides.
    """
    end = time.monotonic() + LIMIT
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {LIMIT:g} s: {wanted}; {seen()}"
        time.sleep(pause)
    return value

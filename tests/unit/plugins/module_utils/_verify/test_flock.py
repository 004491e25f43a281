# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits within which nodes must answer."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.flock import fly_all, targets


class SlowNode:
    """A node that needs some seconds for its first answer, which is an error; on no clock."""

    def __init__(self, needs: float) -> None:
        self.needs = needs
        self.limit = 0.0

    def within(self, seconds: float) -> SlowNode:
        self.limit = seconds
        return self

    def versions(self) -> list[tuple[int, int]]:
        raise ImageApiError("GET /versions", 0, "too late" if self.limit < self.needs else "in time")


@pytest.mark.parametrize(("needs", "seen"), [(59, "in time"), (61, "too late")])
def test_node_is_reached_when_its_first_answer_comes_within_the_timeout(needs: float, seen: str) -> None:
    node: Any = SlowNode(needs)
    (line,) = fly_all({"one": node}, targets([{"id": "local"}], ["one"]), 1, timeout=60)
    assert seen in line["message"]

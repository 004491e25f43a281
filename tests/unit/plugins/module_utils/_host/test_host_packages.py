# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as installed, and when nothing does."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._host.packages import installed

CLEAN = "ii glance-api\nhi qemu-utils\nii libc6\nii libc6\nrc keystone\nun mariadb-server\n"


def test_only_what_is_wholly_there_is_named_and_once() -> None:
    assert installed(CLEAN, []) == ["glance-api", "libc6", "qemu-utils"]


@pytest.mark.parametrize("line", ["iU a", "iF a", "iH a", "iW a", "it a", "iiRa", "rH a"])
def test_nothing_is_certain_while_a_package_is_unfinished(line: str) -> None:
    assert installed(f"{CLEAN}{line}\n", []) == []


def test_nothing_is_certain_while_dpkg_has_a_journal() -> None:
    assert installed(CLEAN, ["tmp.i"]) == installed(CLEAN, [])
    assert installed(CLEAN, ["tmp.i", "0003"]) == []

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of this collection says about check mode, diff mode and repeated runs."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that a module documents by giving each its C(support)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the changed status that a real run would have, without changing
      anything.
  diff_mode:
    description: Returns details on what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    description: When run twice in a row with nothing changed in between, the second run reports no change.
  platform:
    description: Where the module runs.
"""

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image, within the task's process where that is the controller's."""

from __future__ import annotations

from ansible_collections.openimage.glance.plugins.plugin_utils._in_process import ActionModule

__all__ = ["ActionModule"]

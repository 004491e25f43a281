# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Write a proof to a file that only its owner can read."""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ReportError(Exception):
    """The report could not be written; the text is for the operator."""


def write(path: str, proof: Mapping[str, Any]) -> None:
    """Write a proof, or add one without stores to the report that is there."""
    try:
        earlier = {} if "stores" in proof else _read(path)
        _replace(path, json.dumps({**earlier, **proof}, indent=2, default=str))
    except OSError as error:
        raise ReportError(
            f"Cannot write the proof to {path}: {error.strerror}. Name a file in an existing directory that the user "
            "who runs Ansible may write to (glance_proof_report or the environment variable GLANCE_PROOF_REPORT)."
        ) from error


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            earlier = json.load(file)
    except (FileNotFoundError, ValueError):
        return {}
    return earlier if isinstance(earlier, dict) else {}


def _replace(path: str, text: str) -> None:
    """Write a file with mode 0600 whole or not at all."""
    handle, partial = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path) or ".")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(partial, path)
    except OSError:
        os.unlink(partial)
        raise

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what an earlier task of the same run had checked, told to a later one.

To load all of Glance's options takes seconds, on a slow host a minute. A later task that would ask the very same
question recognizes it by a seal. The seal goes through registered variables and logs, and the question contains
passwords: so it is salted and slow, as the seal of a password itself would be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any

# About 50 ms. Who guesses passwords in a known configuration file pays that for each guess.
_ROUNDS = 100_000
_SALT_BYTES = 16


def _digest(question: Mapping[str, Any], salt: bytes) -> str:
    text = json.dumps(question, sort_keys=True).encode()
    return hashlib.pbkdf2_hmac("sha256", text, salt, _ROUNDS).hex()


def seal(question: Mapping[str, Any]) -> str:
    """The seal of a question that was answered without a doubt."""
    salt = os.urandom(_SALT_BYTES)
    return f"{salt.hex()}.{_digest(question, salt)}"


def answered(question: Mapping[str, Any], sealed: str) -> bool:
    """Whether the seal is that of this question. What is no seal is of none."""
    try:
        salt = bytes.fromhex(sealed.partition(".")[0])
    except ValueError:
        return False
    return hmac.compare_digest(sealed.encode(), f"{salt.hex()}.{_digest(question, salt)}".encode())

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Compare a password with what the server stores of it, so that a password that is right already is not set again."""

from __future__ import annotations

import hashlib
import re

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# $A$005$, 20 bytes of salt, the digest: the number is thousands of rounds, in hexadecimal digits.
_CACHING = re.compile(rb"\$A\$([0-9A-Fa-f]{3})\$(.{20})([./0-9A-Za-z]{43})", re.DOTALL)
_SHA256 = re.compile(rb"\$5\$(?:rounds=([0-9]{1,9})\$)?(.{1,20})\$([./0-9A-Za-z]{43})", re.DOTALL)
_NATIVE = "mysql_native_password"
COMPARABLE = (_NATIVE, "caching_sha2_password", "sha256_password")
"""The authentication plugins whose stored password can be compared."""


def matches(plugin: str, stored: bytes, password: str) -> bool:
    """Tell whether the account takes this password. False also when the plugin's format is not known."""
    if plugin in ("", _NATIVE):
        return stored.decode("latin-1").upper() == native(password)
    form = {"caching_sha2_password": _CACHING, "sha256_password": _SHA256}.get(plugin)
    found = form.fullmatch(stored) if form else None
    if not found:
        return False
    rounds = int(found[1], 16) * 1000 if form is _CACHING else int(found[1] or 5000)
    return sha256_crypt(password.encode(), found[2], rounds).encode() == found[3]


def native(password: str) -> str:
    """Return what mysql_native_password stores."""
    # The server's own format: PyMySQL logs in by it.
    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def sha256_crypt(password: bytes, salt: bytes, rounds: int) -> str:
    """Return the digest of SHA-crypt with SHA-256; crypt(3) takes up to 16 bytes of salt, MySQL 20."""
    first = hashlib.sha256(password + salt)
    second = hashlib.sha256(password + salt + password).digest()
    first.update(_repeated(second, len(password)))
    length = len(password)
    while length:
        first.update(second if length & 1 else password)
        length >>= 1
    digest = first.digest()
    passwords = _repeated(hashlib.sha256(password * len(password)).digest(), len(password))
    salts = _repeated(hashlib.sha256(salt * (16 + digest[0])).digest(), len(salt))
    for number in range(rounds):
        step = passwords if number & 1 else digest
        step += salts if number % 3 else b""
        step += passwords if number % 7 else b""
        step += digest if number & 1 else passwords
        digest = hashlib.sha256(step).digest()
    return _encoded(digest)


def _repeated(block: bytes, length: int) -> bytes:
    return (block * (length // len(block) + 1))[:length]


def _encoded(digest: bytes) -> str:
    text = ""
    order = [(0, 10, 20), (21, 1, 11), (12, 22, 2), (3, 13, 23), (24, 4, 14), (15, 25, 5), (6, 16, 26), (27, 7, 17)]
    order += [(18, 28, 8), (9, 19, 29)]
    for high, middle, low in order:
        text += _base64(digest[high] << 16 | digest[middle] << 8 | digest[low], 4)
    return text + _base64(digest[31] << 8 | digest[30], 3)


def _base64(value: int, count: int) -> str:
    return "".join(_ALPHABET[value >> 6 * place & 63] for place in range(count))

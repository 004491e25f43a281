# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""The file that an image is made of: read in pieces, hashed once for each algorithm."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import IO

PIECE = 1024 * 1024


class SourceError(Exception):
    """The file cannot be used; the text says why and what to do."""


class Source:
    """A readable file with a size and digests."""

    def __init__(self, path: str) -> None:
        """Look at the file; raise SourceError if it cannot be read."""
        self.path = path
        self._digests: dict[str, str] = {}
        try:
            found = os.stat(path)
            if not stat.S_ISREG(found.st_mode):
                raise SourceError(f"src: {path} is not a regular file.")
            with self.open():
                pass
        except OSError as error:
            raise SourceError(
                f"src: {path} cannot be read on the host where this module runs: {error.strerror}."
            ) from error
        self.size = found.st_size
        if not self.size:
            raise SourceError(f"src: {path} is empty.")

    def open(self) -> IO[bytes]:
        """Open the file for an upload."""
        return open(self.path, "rb")

    def digest(self, algorithm: str) -> str:
        """Return the hash of the content as hexadecimal digits."""
        if algorithm not in self._digests:
            try:
                hasher = hashlib.md5(usedforsecurity=False) if algorithm == "md5" else hashlib.new(algorithm)
            except ValueError as error:
                raise SourceError(f"The image's hash algorithm {algorithm} is not known on this host.") from error
            with self.open() as file:
                for piece in iter(lambda: file.read(PIECE), b""):
                    hasher.update(piece)
            self._digests[algorithm] = hasher.hexdigest()
        return self._digests[algorithm]

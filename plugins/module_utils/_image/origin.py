# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Where the data of an image comes from, and how an image that has it already is recognised."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Callable, NamedTuple
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired
    from ansible_collections.openimage.glance.plugins.module_utils._image.source import Source

Json = dict[str, Any]

# On images that Glance fetched or may have converted: what they were made from. Their hash cannot tell it.
RECORD = "openimage_source"

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


class OriginError(Exception):
    """What Glance holds is not what was to be imported; the text says why and what to do."""


class Checksum(NamedTuple):
    """A hash that the data must have."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    def of(self, image: Json) -> bool | None:
        """Return whether the image has this hash; None when Glance did not compute one of this algorithm."""
        if self.algorithm == "md5":
            return None if not image.get("checksum") else bool(image["checksum"] == self.value)
        if image.get("os_hash_algo") != self.algorithm or not image.get("os_hash_value"):
            return None
        return bool(image["os_hash_value"] == self.value)


def parse_checksum(text: str) -> Checksum:
    """Read C(sha512:…); raise ValueError with what is wrong."""
    algorithm, colon, value = text.strip().partition(":")
    algorithm, value = algorithm.lower(), value.lower()
    if not colon or algorithm not in _LENGTHS:
        raise ValueError(f"does not begin with one of {', '.join(f'{name}:' for name in _LENGTHS)}")
    if not re.fullmatch(r"[0-9a-f]*", value) or len(value) != _LENGTHS[algorithm]:
        raise ValueError(f"is not a hash of {algorithm}, which has {_LENGTHS[algorithm]} hexadecimal digits")
    return Checksum(algorithm, value)


class Origin:
    """Data that some import method brings into an image."""

    # As a sentence goes on: C(create image x from …).
    label = ""
    # What is recorded on the image, if its hash cannot tell what it was made from.
    record: str | None = None

    def same(self, want: Desired, image: Json) -> bool:
        """Return whether a complete image has this data."""
        raise NotImplementedError

    def prove(self, image: Json) -> str:
        """Return what the operator should know of an image that was just made; raise OriginError if it is wrong."""
        raise NotImplementedError

    def foretold(self) -> Json:
        """Return what is known of the image's data beforehand."""
        return {}


class FileOrigin(Origin):
    """A file on the host of the module, uploaded as it is or staged for import plugins."""

    def __init__(self, source: Source, staged: bool = False, checksum: Checksum | None = None) -> None:
        self.source = source
        self.label = f"{source.path} ({source.size} bytes)"
        self._checksum = checksum
        if staged:
            self.record = f"sha512:{source.digest('sha512')}"

    def verify(self) -> None:
        """Check the file itself before anything is sent."""
        if self._checksum and self.source.digest(self._checksum.algorithm) != self._checksum.value:
            raise OriginError(
                f"src: {self.source.path} does not have the checksum {self._checksum}; it is "
                f"{self.source.digest(self._checksum.algorithm)}. Is the file complete, and the one that was meant?"
            )

    def same(self, want: Desired, image: Json) -> bool:
        if self.record and image.get(RECORD) == self.record:
            return True
        return (
            image.get("size") == self.source.size and _formats(want, image) and _has_digest(image, self.source.digest)
        )

    def prove(self, image: Json) -> str:
        if image.get("size") == self.source.size and (not image.get("os_hash_value") or self._is_intact(image)):
            return ""
        if self.record is None and image.get("size") != self.source.size:
            raise OriginError(
                f"Glance stored {image.get('size')} bytes of {self.source.size}; was the file changed meanwhile?"
            )
        if self.record is None:
            raise OriginError(
                f"The {image['os_hash_algo']} of what Glance stored is not that of the file; was it changed meanwhile?"
            )
        return (
            f"Image {image['id']} does not hold the bytes of {self.source.path}: an import plugin of this Glance made "
            f"{image.get('size')} bytes of {image['disk_format']} of them."
        )

    def _is_intact(self, image: Json) -> bool:
        return self.source.digest(str(image["os_hash_algo"])) == image["os_hash_value"]

    def foretold(self) -> Json:
        return {
            "size": self.source.size,
            "os_hash_algo": "sha512",
            "os_hash_value": self.source.digest("sha512"),
        }


class RemoteOrigin(Origin):
    """Data that Glance fetches itself: from a web server or from another Glance."""

    def __init__(self, record: str, label: str, checksum: Checksum | None = None) -> None:
        self.record, self.label, self._checksum = record, label, checksum

    def same(self, want: Desired, image: Json) -> bool:
        recorded = image.get(RECORD) == self.record
        if self._checksum is None:
            # Import plugins and another Glance may have set other formats: they are not compared.
            return recorded
        return bool(self._checksum.of(image)) and (recorded or _formats(want, image))

    def prove(self, image: Json) -> str:
        if self._checksum is None:
            return ""
        found = self._checksum.of(image)
        if found:
            return ""
        if found is None:
            has = image.get("os_hash_algo") if image.get("os_hash_value") else None
            raise OriginError(
                f"The checksum cannot be checked: this Glance computes "
                f"{f'{has} (hashing_algorithm)' if has else 'no hash (do_secure_hash is off)'}, not "
                f"{self._checksum.algorithm}. Give a checksum of that kind, or one that begins with md5:."
            )
        is_md5 = self._checksum.algorithm == "md5"
        raise OriginError(
            f"The data has the wrong checksum: {self._checksum.algorithm} is "
            f"{image['checksum'] if is_md5 else image['os_hash_value']}, expected {self._checksum.value}. Either what "
            "lies there has changed, or an import plugin of this Glance has converted it "
            f"(it holds {image.get('size')} bytes of {image['disk_format']}); the hash is that of the result."
        )

    def foretold(self) -> Json:
        if self._checksum is None:
            return {}
        if self._checksum.algorithm == "md5":
            return {"checksum": self._checksum.value}
        return {"os_hash_algo": self._checksum.algorithm, "os_hash_value": self._checksum.value}


def web(url: str, checksum: Checksum | None = None) -> RemoteOrigin:
    """Return the data at a URL."""
    shown = public_url(url)
    return RemoteOrigin(shown, shown, checksum)


def other_glance(region: str, image_id: str, checksum: Checksum | None = None) -> RemoteOrigin:
    """Return the data of an image in another region."""
    return RemoteOrigin(f"glance:{region}/{image_id}", f"image {image_id} of region {region}", checksum)


def public_url(url: str) -> str:
    """Return a URL as it may be seen by all: signed URLs carry their secret in the query, which becomes a digest."""
    parts = urlsplit(url)
    query = hashlib.sha256(parts.query.encode()).hexdigest()[:16] if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def shown_url(url: str) -> str:
    """Return what a module may print of its option, whatever was given."""
    try:
        return public_url(url)
    except ValueError:
        return "(not a URL)"


def _formats(want: Desired, image: Json) -> bool:
    return (image["disk_format"], image["container_format"]) == (want.disk_format, want.container_format)


def _has_digest(image: Json, digest: Callable[[str], str]) -> bool:
    if image.get("os_hash_value"):
        return bool(digest(image["os_hash_algo"]) == image["os_hash_value"])
    # do_secure_hash is off in this Glance.
    return bool(image.get("checksum")) and bool(digest("md5") == image["checksum"])

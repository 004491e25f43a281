# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A canary for a store that nothing can be written to: an image whose data lies at a URL, read through Glance."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import checksum_mistakes, url_mistakes
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import (
    Checksum,
    parse_checksum,
    public_url,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import LOCK, reason
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import (
    StepError,
    Target,
    fields,
    prove,
    remove,
    result,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]

# The first version of the API in which who is not Glance's own peer may give an image a location.
LOCATION_VERSION = (2, 17)
POLL_SECONDS = 0.2
# Glance itself waits up to 30 s for the end of its own reading before it deletes such an image.
GRACE_SECONDS = 40.0

_STEPS = {
    "create": "creating the canary image",
    "locate": "making the probe's URL its data",
    "check": "the check of the image",
    "read": "reading it through Glance",
    "compare": "the comparison of what was read",
    "delete": "deleting the canary image",
}


def read(api: ImageApi, target: Target, timeout: float) -> Json:
    """Prove one read-only store through one node, or say why that was not tried."""
    if not target.probe:
        return _not_tried(target, "it has no probe (canary_url in the inventory), an object that could be read")
    try:
        if max(api.within(timeout).versions(), default=(0, 0)) < LOCATION_VERSION:
            return _not_tried(target, "this release, before version 2.17 of the API, does not let a user add locations")
    except ImageApiError as error:
        return result(target, False, str(error), step="reach", status=error.status)
    url = target.probe["url"]
    given = target.probe.get("checksum")
    work = _Reading(url, target, parse_checksum(given) if given else None)
    line = prove(api, target, timeout, work.steps, _STEPS, GRACE_SECONDS)
    if line["ok"]:
        line["size"] = work.count
        proof = "compared with its checksum" if given else "compared with its size"
        line["message"] = f"{work.count} bytes of {public_url(url)} read through Glance and {proof}"
    return line


def probe_problems(probe: Json | None) -> list[str]:
    """Return what is wrong with a probe before anybody is asked."""
    if not probe:
        return []
    found = [f"url: {wrong}; {instead}." for wrong, instead in url_mistakes(probe["url"])]
    if probe.get("checksum"):
        found += [f"checksum: {wrong}; {instead}." for wrong, instead in checksum_mistakes(probe["checksum"])]
    return found


class _Reading:
    def __init__(self, url: str, target: Target, checksum: Checksum | None) -> None:
        self.url, self.target, self.checksum = url, target, checksum
        self.count = 0

    def steps(self, api: ImageApi, image_id: str) -> Iterator[str]:
        """Do the work and yield the name of each step before it is done."""
        yield "create"
        api.create(fields(image_id))
        yield "locate"
        api.add_location(image_id, self.url)
        image = self._settled(api, image_id)
        yield "check"
        stores = str(image.get("stores", "")).split(",")
        if self.target.store not in stores:
            raise StepError("check", f"Glance put the URL into {', '.join(stores)} and not into {self.target.store}.")
        yield "read"
        algorithm = self.checksum.algorithm if self.checksum else "sha512"
        hasher = hashlib.md5(usedforsecurity=False) if algorithm == "md5" else hashlib.new(algorithm)
        with api.download(image_id) as pieces:
            for piece in pieces:
                hasher.update(piece)
                self.count += len(piece)
        yield "compare"
        # A server that does not tell the length beforehand leaves the size at 0.
        if image.get("size") and image["size"] != self.count:
            raise StepError(
                "compare", f"{self.count} bytes came for the {image['size']} that the web server announced."
            )
        if not self.count:
            raise StepError("compare", "not a single byte came.")
        if self.checksum and hasher.hexdigest() != self.checksum.value:
            raise StepError(
                "compare", f"the {algorithm} of what came is {hasher.hexdigest()}, expected {self.checksum.value}."
            )
        yield "delete"
        remove(api, image_id)

    def _settled(self, api: ImageApi, image_id: str) -> Json:
        """Wait until Glance has looked at the URL; it also reads it once, to compute the hash."""
        while True:
            image = api.get(image_id)
            task = next((task for task in api.tasks(image_id) if task.get("id") == image.get(LOCK)), {})
            # The lock of a task that has failed may stay for ever.
            if not image.get(LOCK) or task.get("status") == "failure":
                break
            time.sleep(POLL_SECONDS)
        if image["status"] != "active":
            why = reason(api, image_id)
            raise StepError("locate", f"Glance could not use {public_url(self.url)}: {why}.")
        return image


def _not_tried(target: Target, why: str) -> Json:
    return result(target, None, f"read-only, not tried: {why}")

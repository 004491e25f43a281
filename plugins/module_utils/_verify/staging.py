# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A canary for the staging store, into which imports put their data: staged through one node, and deleted there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import DIRECT
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import (
    Content,
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

_STEPS = {
    "create": "creating the canary image",
    "stage": "staging its data",
    "check": "the check of the staged image",
    "delete": "deleting the canary image",
}


def stage(api: ImageApi, target: Target, size: int, timeout: float) -> Json:
    """Prove the staging store of one node, or say why that was not tried."""
    try:
        if DIRECT not in api.within(timeout).import_methods():
            # Glance itself stages for other methods, but takes staged data from users for this one alone.
            return result(target, None, f"not tried: this node does not offer the import method {DIRECT}")
    except ImageApiError as error:
        return result(target, False, str(error), step="reach", status=error.status)
    line = prove(api, target, timeout, lambda limited, image_id: _steps(limited, image_id, size), _STEPS)
    if line["ok"]:
        line.update(size=size, message=f"{size} bytes staged and deleted")
    return line


def _steps(api: ImageApi, image_id: str, size: int) -> Iterator[str]:
    """Do the work and yield the name of each step before it is done."""
    yield "create"
    api.create(fields(image_id))
    yield "stage"
    api.stage(image_id, Content(size).pieces())
    yield "check"
    image = api.get(image_id)
    if image["status"] != "uploading":
        raise StepError("check", f"image {image_id} is {image['status']} and not uploading, as what is staged must be.")
    if image["size"] != size:
        raise StepError("check", f"Glance counted {image['size']} bytes for {size}.")
    yield "delete"
    remove(api, image_id)

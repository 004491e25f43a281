# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Carry out a plan for an image. A kill at any moment leaves what the next run completes or removes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable

from ansible_collections.openimage.glance.plugins.module_utils._image.model import (
    describe,
    drift,
    hiding,
    missing_stores,
    target,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.openimage.glance.plugins.module_utils._image.plan import Plan
    from ansible_collections.openimage.glance.plugins.module_utils._image.source import Source
    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]
Say = Callable[[str], None]

POLL_SECONDS = 0.5
# Glance keeps it on an image while an import of it runs.
LOCK = "os_glance_import_task"


class ImageFailure(Exception):
    """The image could not be made as wished; the text says what is left and what to do."""


def steps(plan: Plan, source: Source | None) -> list[str]:
    """Return what carrying out the plan does, as sentences; the same for a prediction and for the real thing."""
    want = plan.want
    said = [f"delete image {image['id']} ({_state(image)})" for image in plan.delete]
    if plan.create is not None and source is not None:
        where = f"store {want.first_store}" if want.first_store else "the default store"
        said.append(f"create image {want.name} from {source.path} ({source.size} bytes) in {where}")
        copies: Sequence[str] = want.stores[1:]
    else:
        copies = plan.copy_to
    if copies:
        said.append(f"copy the data to {', '.join(copies)}")
    changes = describe(plan.patch)
    if changes and plan.current is not None:
        said.append(f"update image {plan.current['id']}: {changes}")
    said += [f"hide image {image['id']}, which had this name with other content" for image in plan.hide]
    return said


def execute(plan: Plan, api: ImageApi, source: Source | None, timeout: float) -> Json | None:
    """Carry out the plan and return the image as it is then; None when it is absent."""
    for image in plan.delete:
        _delete(plan, api, image)
    image_now = plan.current
    if plan.create is not None and source is not None:
        image_now = _upload(plan, plan.create, api, source, timeout)
    if image_now is None:
        return None
    if missing_stores(plan.want, image_now):
        image_now = _copy(plan, api, image_now, timeout)
    if plan.hide:
        # First the new one, then away with the old: at no moment users find none.
        image_now = _patch(api, image_now, drift(image_now, target(plan.want, image_now, keep_mark=True)))
        for old in plan.hide:
            _patch(api, old, hiding(old))
    return _patch(api, image_now, drift(image_now, target(plan.want, image_now)))


def _delete(plan: Plan, api: ImageApi, image: Json) -> None:
    if image["protected"]:
        # Planned only when the operator has asked for it.
        _patch(api, image, drift(image, {"protected": False}))
    try:
        api.delete(image["id"])
    except ImageApiError as error:
        hint = " Volumes or servers still use its data in the store." if error.status == 409 else ""
        raise ImageFailure(
            f"Image {image['id']} named '{plan.want.name}' could not be deleted. {error}{hint}"
        ) from error


def _upload(plan: Plan, fields: Json, api: ImageApi, source: Source, timeout: float) -> Json:
    """Create the image with its data; what was created is deleted again when that fails."""
    image_id = str(api.create(fields)["id"])
    where = f"store {plan.want.first_store}" if plan.want.first_store else "the default store"
    try:
        with source.open() as file:
            api.upload(image_id, file, store=plan.want.first_store, seconds=timeout)
        image = api.get(image_id)
        _prove(image, source)
    except (ImageApiError, ImageFailure, OSError) as error:
        left = _discard(api, image_id)
        raise ImageFailure(
            f"The upload of {source.path} to {where} failed. {error} {_upload_hint(error)}{left}".rstrip()
        ) from error
    return image


def _prove(image: Json, source: Source) -> None:
    if image["status"] != "active":
        raise ImageFailure(f"Glance took the data, but the image is {image['status']} and not active.")
    if image["size"] != source.size:
        raise ImageFailure(f"Glance stored {image['size']} bytes of {source.size}; was the file changed meanwhile?")
    if image.get("os_hash_value") and source.digest(image["os_hash_algo"]) != image["os_hash_value"]:
        raise ImageFailure(
            f"The {image['os_hash_algo']} of what Glance stored is not that of the file; was it changed meanwhile?"
        )


def _discard(api: ImageApi, image_id: str) -> str:
    try:
        api.delete(image_id)
    except ImageApiError as error:
        return f"The unfinished image {image_id} could not be removed ({error}); the next run removes it."
    return ""


def _upload_hint(error: Exception) -> str:
    status = error.status if isinstance(error, ImageApiError) else 0
    if status == 415:
        return "Is disk_format that of the file? (qemu-img info shows it.) "
    if status in (410, 413, 500, 503):
        return "The module openimage.glance.store_canary shows what is wrong with the store. "
    return ""


def _copy(plan: Plan, api: ImageApi, image: Json, timeout: float) -> Json:
    """Copy the data to the stores that lack it, and wait until they have it."""
    image_id = str(image["id"])
    end = time.monotonic() + timeout
    # A run that was killed may have left a copy at work.
    image = _unlocked(api, image, end, timeout)
    stores = missing_stores(plan.want, image)
    if not stores:
        return image
    if image["status"] != "active":
        raise ImageFailure(
            f"Image {image_id} named '{plan.want.name}' lacks copies in {', '.join(stores)}, but only active images "
            f"can be copied and it is {image['status']}."
        )
    try:
        api.copy_to_stores(image_id, stores)
    except ImageApiError as error:
        hint = {
            403: " Copying between stores needs the role admin (policy copy_image).",
            400: " Is copy-image among the enabled_import_methods of this Glance?",
        }.get(error.status, "")
        raise ImageFailure(f"Copying image {image_id} to {', '.join(stores)} failed. {error}{hint}") from error
    image = _unlocked(api, api.get(image_id), end, timeout)
    missing = missing_stores(plan.want, image)
    if missing:
        raise ImageFailure(
            f"Image {image_id} could not be copied to {', '.join(missing)}{_task_message(api, image_id)}. The log "
            "of glance-api has the reason; the module openimage.glance.store_canary shows what is wrong with the store."
        )
    return image


def _unlocked(api: ImageApi, image: Json, end: float, timeout: float) -> Json:
    """Wait until no import of the image runs any more."""
    while image.get(LOCK):
        if time.monotonic() > end:
            raise ImageFailure(
                f"Image {image['id']} is still being copied after {timeout:g} s (task {image[LOCK]}, to "
                f"{image.get('os_glance_importing_to_stores') or 'unknown stores'}). If glance-api was restarted "
                "meanwhile, the copy is lost, and Glance lets a new one begin after an hour."
            )
        time.sleep(POLL_SECONDS)
        image = api.get(image["id"])
    return image


def _task_message(api: ImageApi, image_id: str) -> str:
    failed = [task for task in api.tasks(image_id) if task.get("status") == "failure" and task.get("message")]
    return f": {failed[-1]['message']}" if failed else ""


def _patch(api: ImageApi, image: Json, operations: Sequence[Json]) -> Json:
    if not operations:
        return image
    try:
        return api.patch(image["id"], operations)
    except ImageApiError as error:
        raise ImageFailure(f"Image {image['id']} could not be changed ({describe(operations)}). {error}") from error


def _state(image: Json) -> str:
    return "unfinished" if image["status"] != "active" else "hidden" if image["os_hidden"] else str(image["status"])

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Make a new image with its data, by any import method. What fails leaves no image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import DIRECT, UPLOAD, WEB, refusal_hint
from ansible_collections.openimage.glance.plugins.module_utils._image.model import missing_stores
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import FileOrigin, OriginError
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import (
    FAILED_STORES,
    StillRunning,
    Watch,
    reason,
    split,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError

if TYPE_CHECKING:
    from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired
    from ansible_collections.openimage.glance.plugins.module_utils._image.origin import Origin
    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]


class ImageFailure(Exception):
    """The image could not be made as wished; the text says what is left and what to do."""


@dataclass
class Outcome:
    """What came of carrying out a plan."""

    image: Json | None = None
    changed: bool = False
    # Store -> why it has no copy; only where that is allowed.
    failed: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Work:
    """What a plan is carried out with."""

    api: ImageApi
    watch: Watch
    origin: Origin | None = None
    # As the request for an import takes it: name, uri and so on.
    method: Json = field(default_factory=lambda: {"name": UPLOAD})
    # Tells how a URL answers, when Glance does not.
    look: Callable[[str], str] = lambda url: ""  # noqa: ARG005

    @property
    def timeout(self) -> float:
        return self.watch.limits.timeout


def bring(want: Desired, fields: Json, work: Work, outcome: Outcome) -> Json:
    """Create the image with its data; what was created is deleted again when that fails."""
    origin = work.origin
    if origin is None:
        raise TypeError("only a wish that has an origin makes an image")
    image_id = str(work.api.create(fields)["id"])
    uploading = work.method["name"] == UPLOAD
    try:
        image = _upload(want, image_id, work) if uploading else _import(want, image_id, work, outcome)
        if image["status"] != "active":
            raise ImageFailure(f"Glance took the data, but the image is {image['status']} and not active.")
        note = origin.prove(image)
    except (ImageApiError, ImageFailure, OriginError, StillRunning, OSError) as error:
        left = _discard(work.api, image_id)
        verb = "upload" if uploading else f"import ({work.method['name']})"
        where = _where(want, uploading)
        raise ImageFailure(
            f"The {verb} of {origin.label} to {where} failed. {error} {_upload_hint(error)}{left}".rstrip()
        ) from error
    if note:
        outcome.warnings.append(note)
    return image


def _where(want: Desired, uploading: bool) -> str:
    if not want.stores:
        return "the default store"
    if uploading or len(want.stores) == 1:
        return f"store {want.first_store}"
    return f"stores {', '.join(want.stores)}"


def _file(work: Work) -> FileOrigin:
    if not isinstance(work.origin, FileOrigin):
        raise TypeError("only a file can be sent")
    return work.origin


def _upload(want: Desired, image_id: str, work: Work) -> Json:
    with _file(work).source.open() as file:
        work.api.upload(image_id, file, store=want.first_store, seconds=work.timeout)
    return work.api.get(image_id)


def _import(want: Desired, image_id: str, work: Work, outcome: Outcome) -> Json:
    name = work.method["name"]
    url = work.method.get("uri")
    try:
        if name == DIRECT:
            with _file(work).source.open() as file:
                work.api.stage(image_id, file, seconds=work.timeout)
        work.api.start_import(image_id, work.method, want.stores, want.all_stores_must_succeed)
    except ImageApiError as error:
        raise ImageFailure(f"{error} {refusal_hint(name, url, error.status, error.detail)}".rstrip()) from error
    image = work.watch.until_idle(work.api, work.api.get(image_id))
    missing = missing_stores(want, image) if want.stores else []
    if image["status"] == "active" and (not missing or not want.all_stores_must_succeed):
        outcome.failed.update(dict.fromkeys(missing, reason(work.api, image_id) if missing else ""))
        return image
    raise ImageFailure(_import_failure(want, image, work))


def _import_failure(want: Desired, image: Json, work: Work) -> str:
    failed = split(image.get(FAILED_STORES))
    # When one store fails Glance undoes the others and calls them failed too; the first may have been seen in time.
    first = [store for store in work.watch.culprits if store in failed]
    which = f"Nothing was stored (failed: {', '.join(failed) or 'no store named'}"
    which += f"; first {', '.join(first)})" if first and len(first) < len(failed) else ")"
    if len(want.stores) > 1 and want.all_stores_must_succeed:
        which += ", as all_stores_must_succeed gives up all stores when one fails"
    text = f"{which}: {reason(work.api, image['id'])}."
    if work.method["name"] == WEB:
        text = f"{text} {work.look(work.method['uri'])}".rstrip()
    return f"{text} The module openimage.glance.store_canary shows what is wrong with a store."


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

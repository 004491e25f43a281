# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A canary: a small image is stored in one store through one node, read back, compared and deleted."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import CHUNK
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import DeadlineError, ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.diagnosis import advice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]

WRITABLE = "writable"
# In place of it, for a store that nothing can be written to.
READABLE = "readable"
NAME_PREFIX = "openimage-glance-canary-"
# A tag and not a property: property protections may forbid properties that they do not know.
TAG = "openimage-glance-canary"
# Time to clean up after the canary's own time is over.
GRACE_SECONDS = 10.0
# Answers to a deletion while the store still works on the image: 500 is that of older releases.
BUSY = (409, 500)
# Answers to a download whose data is not in the store: 204 has none.
MISSING = (204, 404)
# Seconds between the tries to delete it nevertheless; the last is that of all later ones.
PAUSES = (0.5, 1.0, 2.0, 4.0)


class Target(NamedTuple):
    """One store through one node."""

    store: str
    node: str
    read_only: bool = False
    # What can be read in a store that nothing can be written to: url, and checksum if it is known.
    probe: Mapping[str, Any] | None = None
    # What one node stores in it the others must find there.
    shared: bool = False
    # Not a store for images: imports put their data there before they store it.
    staging: bool = False


class Witness(NamedTuple):
    """Another node, which must find what a canary has stored."""

    node: str
    api: ImageApi


class StepError(Exception):
    """A canary found something wrong in an answer that was no error."""

    def __init__(self, step: str, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.step, self.detail, self.status = step, detail, status


class Content:
    """Random bytes that no storage can compress; made piece by piece and never held as a whole."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._hash = hashlib.sha512()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        # Text in place of the first sector: whoever finds a leftover knows what it is, and chance cannot make the
        # bytes look like a partition table, which Glance's inspection of formats would refuse.
        head = b"Written by openimage.glance to prove that this store works. Delete me.\n".ljust(512, b"\0")[
            : self.size
        ]
        yield self._account(head)
        left = self.size - len(head)
        while left > 0:
            piece = os.urandom(min(CHUNK, left))
            left -= len(piece)
            yield self._account(piece)

    def _account(self, piece: bytes) -> bytes:
        self._hash.update(piece)
        return piece


def result(target: Target, ok: bool | None, message: str, **more: Any) -> Json:
    """Return one line of the module's results."""
    line: Json = {
        "store": target.store,
        "node": target.node,
        "level": READABLE if target.read_only else WRITABLE,
        "ok": ok,
        "read_only": target.read_only,
    }
    line.update({"message": message, "seconds": 0.0, "size": 0, "step": None, "status": 0, **more})
    return line


def fly(api: ImageApi, target: Target, size: int, timeout: float, witness: Witness | None = None) -> Json:
    """Prove one store through one node by writing to it, and that another node finds it there if there is a witness."""
    # The time begins for both at once.
    other = witness and Witness(witness.node, witness.api.within(timeout))
    line = prove(api, target, timeout, lambda limited, image_id: _steps(limited, image_id, target, size, other), _STEPS)
    if line["ok"]:
        also = f", also through {other.node}" if other else ""
        line.update(size=size, message=f"{size} bytes stored, read back{also}, compared and deleted")
    return line


def prove(
    api: ImageApi,
    target: Target,
    timeout: float,
    steps: Callable[[ImageApi, str], Iterator[str]],
    names: Mapping[str, str],
    grace: float = GRACE_SECONDS,
) -> Json:
    """Take the steps of a proof; whatever happens, the image is deleted or its id is in the message.

    :param steps: do the work with an image of the given id, and yield the name of each step before it is done.
    :param grace: how long cleaning up may take, in seconds.
    """
    started = time.monotonic()
    # The id is chosen here: an image whose creation got no answer can be deleted all the same.
    image_id = str(uuid.uuid4())
    step, failure = "", ""
    status = 0
    try:
        for current in steps(api.within(timeout), image_id):
            step = current
    except (ImageApiError, StepError) as error:
        step = getattr(error, "step", step)
        status = error.status
        hint = advice(target.store, target.node, step, status, error.detail)
        failure = f"{names[step]} failed: {error} {hint}".strip()
        leftover = _clean(api, image_id, grace)
        if leftover:
            failure = f"{failure} {leftover}"
    seconds = round(time.monotonic() - started, 3)
    if failure:
        return result(target, False, failure, seconds=seconds, step=step, status=status, image_id=image_id)
    return result(target, True, "", seconds=seconds)


_STEPS = {
    "create": "creating the canary image",
    "write": "storing its data",
    "check": "the check of the stored image",
    "read": "reading it back",
    "compare": "the comparison of what was read back",
    "share": "reading it through another node",
    "delete": "deleting the canary image",
}


def _steps(api: ImageApi, image_id: str, target: Target, size: int, other: Witness | None) -> Iterator[str]:
    """Do the work and yield the name of each step before it is done."""
    yield "create"
    api.create(fields(image_id))
    yield "write"
    content = Content(size)
    api.upload(image_id, content.pieces(), store=target.store)
    yield "check"
    _check(api.get(image_id), target.store, content)
    yield "read"
    count, digest = _received(api, image_id)
    yield "compare"
    if digest != content.digest:
        raise StepError("compare", f"{count} bytes came back for {size}, and they are not the same.")
    if other:
        yield "share"
        _share(other, image_id, target, content)
    yield "delete"
    remove(api, image_id)


def _received(api: ImageApi, image_id: str) -> tuple[int, str]:
    """Return count and SHA-512 of the bytes that come back."""
    received = hashlib.sha512()
    count = 0
    with api.download(image_id) as pieces:
        for piece in pieces:
            received.update(piece)
            count += len(piece)
    return count, received.hexdigest()


def _share(other: Witness, image_id: str, target: Target, content: Content) -> None:
    """Read through another node what is stored, and name both nodes if it does not have it."""
    try:
        count, digest = _received(other.api, image_id)
    except ImageApiError as error:
        does = "does not find" if error.status in MISSING else "cannot read"
        told = f"node {other.node} {does} what node {target.node} stored: {error}"
        raise StepError("share", told, error.status) from error
    if digest != content.digest:
        told = f"node {other.node} reads {count} other bytes than the {content.size} that node {target.node} stored."
        raise StepError("share", told)


def fields(image_id: str) -> Json:
    """Return the record of a canary image, by which the next run finds it if this one is killed."""
    return {
        "id": image_id,
        "name": f"{NAME_PREFIX}{image_id}",
        "disk_format": "raw",
        "container_format": "bare",
        "visibility": "private",
        "tags": [TAG],
    }


def remove(api: ImageApi, image_id: str) -> None:
    """Delete a canary image and make sure of it."""
    delete(api, image_id)
    if api.exists(image_id):
        raise StepError("delete", f"image {image_id} is still there after it was deleted.")


def delete(api: ImageApi, image_id: str) -> None:
    """Delete an image, also one that its store has not let go of yet.

    A reader has all bytes before Glance is done with them: a cinder store then detaches the volume, which takes
    seconds or, on a busy host, half a minute, and refuses to delete it meanwhile.

    :param api: one whose time is limited, because a store may refuse for ever.
    """
    refusal: ImageApiError | None = None
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        try:
            api.delete(image_id)
            return
        except DeadlineError as error:
            # What Glance said before says more.
            raise refusal or error from None
        except ImageApiError as error:
            if error.status not in BUSY:
                raise
            refusal = error
        time.sleep(pause)


def _check(image: Json, store: str, content: Content) -> None:
    if image["status"] != "active":
        raise StepError("check", f"image {image['id']} is {image['status']} and not active.")
    if image["size"] != content.size:
        raise StepError("check", f"Glance counted {image['size']} bytes for {content.size}.")
    # An empty value: do_secure_hash is off. Another algorithm: the comparison of the bytes themselves must do.
    if image.get("os_hash_algo") == "sha512" and image.get("os_hash_value") != content.digest:
        raise StepError("check", "Glance computed another SHA-512 than that of the bytes sent.")
    stores = str(image.get("stores", "")).split(",")
    if store not in stores:
        raise StepError("check", f"Glance stored the data in {', '.join(stores) or 'no store'} and not in {store}.")


def _clean(api: ImageApi, image_id: str, grace: float) -> str:
    """Delete what a failed canary left; return an empty text or what the operator must do."""
    try:
        limited = api.within(grace)
        delete(limited, image_id)
        if not limited.exists(image_id):
            return ""
        reason = "it is still there"
    except ImageApiError as error:
        reason = str(error)
    return f"Image {image_id} could not be removed ({reason}); the next run removes it, or delete it by hand."

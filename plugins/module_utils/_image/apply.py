# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Carry out a plan for an image. A kill at any moment leaves what the next run completes or removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image.bring import ImageFailure, Outcome, bring
from ansible_collections.openimage.glance.plugins.module_utils._image.methods import COPY, UPLOAD, refusal_hint
from ansible_collections.openimage.glance.plugins.module_utils._image.model import (
    describe,
    drift,
    hiding,
    missing_stores,
    target,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import StillRunning, reason
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.openimage.glance.plugins.module_utils._image.bring import Work
    from ansible_collections.openimage.glance.plugins.module_utils._image.origin import Origin
    from ansible_collections.openimage.glance.plugins.module_utils._image.plan import Plan
    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]


def steps(plan: Plan, origin: Origin | None) -> list[str]:
    """Return what carrying out the plan does, as sentences; the same for a prediction and for the real thing."""
    want = plan.want
    said = [f"delete image {image['id']} ({_state(image)})" for image in plan.delete]
    copies: Sequence[str] = plan.copy_to
    if plan.create is not None and origin is not None:
        uploading = want.import_method == UPLOAD
        stores = want.stores[:1] if uploading else want.stores
        where = f"{'stores' if len(stores) > 1 else 'store'} {', '.join(stores)}" if stores else "the default store"
        by = "" if uploading else f" by {want.import_method}"
        said.append(f"create image {want.name} from {origin.label} in {where}{by}")
        copies = want.stores[1:] if uploading else ()
    if copies:
        said.append(f"copy the data to {', '.join(copies)}")
    changes = describe(plan.patch)
    if changes and plan.current is not None:
        said.append(f"update image {plan.current['id']}: {changes}")
    said += [f"hide image {image['id']}, which had this name with other content" for image in plan.hide]
    return said


def execute(plan: Plan, work: Work) -> Outcome:
    """Carry out the plan; the image in the outcome is None when it is absent."""
    outcome = Outcome()
    for image in plan.delete:
        _delete(plan, work.api, image)
        outcome.changed = True
    image_now = plan.current
    if plan.create is not None:
        image_now = bring(plan.want, plan.create, work, outcome)
        outcome.changed = True
    if image_now is None:
        return outcome
    if [store for store in missing_stores(plan.want, image_now) if store not in outcome.failed]:
        image_now = _copy(plan, work, image_now, outcome)
    if plan.hide:
        # First the new one, then away with the old: at no moment users find none.
        image_now = _patch(work.api, image_now, drift(image_now, target(plan.want, image_now, keep_mark=True)), outcome)
        for old in plan.hide:
            _patch(work.api, old, hiding(old), outcome)
    outcome.image = _patch(work.api, image_now, drift(image_now, target(plan.want, image_now)), outcome)
    return outcome


def _delete(plan: Plan, api: ImageApi, image: Json) -> None:
    if image["protected"]:
        # Planned only when the operator has asked for it.
        _patch(api, image, drift(image, {"protected": False}), Outcome())
    try:
        api.delete(image["id"])
    except ImageApiError as error:
        hint = " Volumes or servers still use its data in the store." if error.status == 409 else ""
        raise ImageFailure(
            f"Image {image['id']} named '{plan.want.name}' could not be deleted. {error}{hint}"
        ) from error


def _copy(plan: Plan, work: Work, image: Json, outcome: Outcome) -> Json:
    """Copy the data to the stores that lack it, and wait until they have it."""
    image_id = str(image["id"])
    try:
        # A run that was killed may have left a copy at work.
        image = work.watch.until_idle(work.api, image)
        stores = [store for store in missing_stores(plan.want, image) if store not in outcome.failed]
        if not stores:
            return image
        if image["status"] != "active":
            raise ImageFailure(
                f"Image {image_id} named '{plan.want.name}' lacks copies in {', '.join(stores)}, but only active "
                f"images can be copied and it is {image['status']}."
            )
        try:
            work.api.copy_to_stores(image_id, stores)
        except ImageApiError as error:
            hint = refusal_hint(COPY, None, error.status, error.detail)
            raise ImageFailure(
                f"Copying image {image_id} to {', '.join(stores)} failed. {error} {hint}".rstrip()
            ) from error
        image = work.watch.until_idle(work.api, work.api.get(image_id))
    except StillRunning as error:
        raise ImageFailure(f"{error} Glance lets a new one begin after an hour.") from error
    missing = missing_stores(plan.want, image)
    outcome.changed = outcome.changed or len(missing) < len(stores)
    if not missing:
        return image
    why = reason(work.api, image_id)
    if plan.want.all_stores_must_succeed:
        raise ImageFailure(
            f"Image {image_id} could not be copied to {', '.join(missing)}: {why}. The module "
            "openimage.glance.store_canary shows what is wrong with the store."
        )
    outcome.failed.update(dict.fromkeys(missing, why))
    return image


def _patch(api: ImageApi, image: Json, operations: Sequence[Json], outcome: Outcome) -> Json:
    if not operations:
        return image
    try:
        changed = api.patch(image["id"], operations)
    except ImageApiError as error:
        raise ImageFailure(f"Image {image['id']} could not be changed ({describe(operations)}). {error}") from error
    outcome.changed = True
    return changed


def _state(image: Json) -> str:
    return "unfinished" if image["status"] != "active" else "hidden" if image["os_hidden"] else str(image["status"])

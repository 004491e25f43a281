# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Decide what has to be done for an image, from what is wished and what is there. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image.model import (
    creation,
    drift,
    missing_stores,
    stores_of,
    target,
    unfinished,
    view,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired
    from ansible_collections.openimage.glance.plugins.module_utils._image.origin import Origin

Json = dict[str, Any]

COMPLETE = ("active", "deactivated")


class PlanError(Exception):
    """What is there is ambiguous or forbids what is wished; the text names the images."""


@dataclass(frozen=True)
class Plan:
    """What to do, in this order; empty fields mean nothing to do."""

    want: Desired
    delete: Sequence[Json] = ()
    create: Json | None = None
    current: Json | None = None
    copy_to: Sequence[str] = ()
    patch: Sequence[Json] = ()
    hide: Sequence[Json] = ()
    warnings: Sequence[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.delete or self.create or self.copy_to or self.patch or self.hide)


def present(want: Desired, images: Iterable[Json], origin: Origin, project: str | None) -> Plan:
    """Return what makes the image exist with the right content, in the right stores, as described.

    :param images: all images of that name that the user can see, hidden ones too.
    :param origin: where the content comes from; it knows which image has it already.
    :param project: the user's project; None without Keystone, where every image counts as the user's own.
    """
    images = [image for image in images if image.get("name") == want.name]
    own = [image for image in images if _is_own(image, project)]
    same = [image for image in images if image["status"] in COMPLETE and origin.same(want, image)]
    current = _choose(want, same, project)
    others = [image for image in own if _is_shown(image) and image not in same]
    # Only an image that comes to light now takes the place of another one. Two that were visible before stay.
    replaces = current is None or unfinished(current) or (bool(current["os_hidden"]) and _is_to_be_shown(want, others))
    if replaces and len(others) > 1:
        raise PlanError(
            f"{len(others)} images are named '{want.name}' and do not have the wished content: {_ids(others)}. "
            "Which of them should be replaced? Delete, rename or hide all but one."
        )
    if replaces and want.hidden is None:
        want = replace(want, hidden=False)
    delete = [image for image in own if _is_broken(image) and image is not current]
    hide = others if replaces else []
    warnings = [] if replaces else _spare(want, others)
    warnings += _stuck(want, [image for image in own if image["status"] not in COMPLETE and image not in delete])
    if current is None:
        return Plan(want, delete=delete, create=creation(want, origin.record), hide=hide, warnings=warnings)
    return Plan(
        want,
        delete=delete,
        current=current,
        copy_to=missing_stores(want, current),
        patch=drift(current, target(want, current)),
        hide=hide,
        warnings=warnings,
    )


def copies(want: Desired, images: Iterable[Json], project: str | None) -> Plan:
    """Return what brings the image of this name, whatever it holds, into further stores."""
    complete = [image for image in images if image.get("name") == want.name and image["status"] in COMPLETE]
    own = [image for image in complete if _is_own(image, project)]
    chosen = next(
        (
            found
            for found in (
                [image for image in own if bool(image["os_hidden"]) == bool(want.hidden)],
                [image for image in complete if image.get("visibility") == "public" and not image["os_hidden"]],
            )
            if found
        ),
        [],
    )
    if not chosen:
        raise PlanError(
            f"There is no image named '{want.name}' whose data could be copied. copy-image adds stores to an image "
            "that exists and is active; another import_method makes one."
        )
    if len(chosen) > 1:
        raise PlanError(f"{len(chosen)} images are named '{want.name}': {_ids(chosen)}. Which one is meant?")
    (current,) = chosen
    return Plan(
        want,
        current=current,
        copy_to=missing_stores(want, current),
        patch=drift(current, target(want, current)),
    )


def absent(want: Desired, images: Iterable[Json], project: str | None) -> Plan:
    """Return what removes the image; a hidden predecessor stays unless hidden images are meant."""
    own = [image for image in images if image.get("name") == want.name and _is_own(image, project)]
    broken = [image for image in own if _is_broken(image)]
    chosen = [image for image in own if image not in broken and bool(image["os_hidden"]) == bool(want.hidden)]
    if len(chosen) > 1 and not want.hidden:
        raise PlanError(
            f"{len(chosen)} images are named '{want.name}': {_ids(chosen)}. Delete the right ones by their ids."
        )
    protected = [image for image in chosen if image["protected"]]
    if protected and want.protected is not False:
        raise PlanError(
            f"Image '{want.name}' ({_ids(protected)}) is protected from being deleted. "
            "Give protected: false beside state: absent if it should be deleted all the same."
        )
    kept = [image for image in own if image["os_hidden"] and image not in chosen and image not in broken]
    warnings = (
        [f"Hidden images named '{want.name}' were kept: {_ids(kept)}. hidden: true deletes them."] if kept else []
    )
    return Plan(want, delete=[*broken, *chosen], warnings=warnings)


def predicted(plan: Plan, origin: Origin | None) -> Json | None:
    """Return the image as it will be, as far as that is known; None when it will be absent."""
    if plan.create is not None and origin is not None:
        image: Json = {"id": "(new)", "status": "active", **plan.create, **origin.foretold()}
        stores = list(plan.want.stores)
    elif plan.current is not None:
        image = dict(plan.current)
        stores = [*stores_of(image), *plan.copy_to]
    else:
        return None
    image.update(target(plan.want, image))
    if stores:
        image["stores"] = ",".join(stores)
    return {name: value for name, value in image.items() if value is not None}


def difference(plan: Plan, after: Json | None) -> dict[str, Json]:
    """Return the diff for Ansible: the image that had the name before, and the one that has it afterwards."""
    before = plan.current or next(iter([*plan.hide, *(() if plan.create else reversed(plan.delete))]), None)
    return {"before": view(before), "after": view(after)}


def _choose(want: Desired, same: Sequence[Json], project: str | None) -> Json | None:
    """Return the image among those with the right content that stands for the wished one."""
    own = [image for image in same if _is_own(image, project)]
    shown = [image for image in own if _is_shown(image)]
    hidden = [image for image in own if not _is_shown(image)]
    if len(shown) > 1:
        raise PlanError(
            f"{len(shown)} images are named '{want.name}' and have the wished content: {_ids(shown)}. "
            "Delete or hide all but one."
        )
    newest = sorted(hidden, key=lambda image: str(image.get("created_at")), reverse=True)
    public = [image for image in same if image not in own and image.get("visibility") == "public"]
    order = [*newest, *shown] if want.hidden else [*shown, *newest]
    return next(iter([*order, *public]), None)


def _is_own(image: Json, project: str | None) -> bool:
    return project is None or image.get("owner") == project


def _is_shown(image: Json) -> bool:
    """Return whether users find the image in their lists and can use it."""
    return not image["os_hidden"] and image["status"] in COMPLETE


def _is_broken(image: Json) -> bool:
    """Return whether the image is what a killed run left before anybody could use it."""
    return unfinished(image) and not _is_shown(image)


def _is_to_be_shown(want: Desired, others: Sequence[Json]) -> bool:
    """Return whether a hidden image is wanted in sight: by order, or because the one in sight has other content."""
    return want.hidden is False or (want.hidden is None and bool(others))


def _spare(want: Desired, others: Sequence[Json]) -> list[str]:
    if not others:
        return []
    return [f"Further images with other content are named '{want.name}': {_ids(others)}. They were left as they are."]


def _stuck(want: Desired, images: Sequence[Json]) -> list[str]:
    return [
        f"Image {image['id']}, also named '{want.name}', is {image['status']} and has no data"
        f"{_failed_import(image)}. This module did not make it and leaves it alone."
        for image in images
    ]


def _failed_import(image: Json) -> str:
    failed = image.get("os_glance_failed_import")
    return f" (its import to {failed} failed)" if failed else ""


def _ids(images: Iterable[Json]) -> str:
    return ", ".join(str(image["id"]) for image in images)

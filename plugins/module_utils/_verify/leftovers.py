# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Canary images of runs that were killed: found again by tag, name, owner and age, and deleted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import GRACE_SECONDS, NAME_PREFIX, TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]


def stale(images: Iterable[Json], now: datetime, age: timedelta, project: str | None) -> list[str]:
    """Return the ids of canaries that no run can still be using.

    :param project: the owner they must have; None without Keystone, where everything belongs to everyone.
    """
    return [
        str(image["id"])
        for image in images
        if TAG in image.get("tags", [])
        and str(image.get("name", "")).startswith(NAME_PREFIX)
        and (project is None or image.get("owner") == project)
        and now - parse_time(str(image["created_at"])) >= age
    ]


def parse_time(text: str) -> datetime:
    """Return a time of the API, such as C(2026-11-20T09:08:40Z)."""
    return datetime.strptime(text.rstrip("Z").partition(".")[0], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)


def sweep(api: ImageApi, age: timedelta) -> tuple[list[str], list[str]]:
    """Delete stale canaries; return the ids of those deleted, and the problems."""
    removed: list[str] = []
    problems: list[str] = []
    limited = api.within(3 * GRACE_SECONDS)
    try:
        found = stale(limited.images(tag=TAG), datetime.now(timezone.utc), age, api.project)
    except ImageApiError as error:
        return [], [f"Canary images of earlier runs could not be looked for: {error}"]
    for image_id in found:
        try:
            if limited.delete(image_id):
                removed.append(image_id)
        except ImageApiError as error:
            problems.append(f"Image {image_id}, left by a canary of an earlier run, could not be removed: {error}")
    return removed, problems

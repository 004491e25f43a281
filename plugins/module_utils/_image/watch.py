# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Wait for an import that Glance does in the background: with progress, a time limit and a limit for standing still."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

if TYPE_CHECKING:
    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]

# Glance keeps it on an image while an import of it runs.
LOCK = "os_glance_import_task"
TO_STORES = "os_glance_importing_to_stores"
FAILED_STORES = "os_glance_failed_import"
FIRST_POLL_SECONDS = 0.2
LAST_POLL_SECONDS = 2.0
# A task that has ended takes the lock away at once. If it does not, it never will.
LOCK_SECONDS = 5.0
# What Glance says when it says nothing.
EMPTY_MESSAGES = ("", "Task failed due to Internal Error")


class StillRunning(Exception):
    """An import did not end in time; the text says what it was last seen doing."""


class Limits(NamedTuple):
    """How long an import may take in all, and without a sign of progress, in seconds."""

    timeout: float = 1800
    stall: float = 900


class Watch:
    """The imports of one run and what was seen of them."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits
        self.progress: list[str] = []
        # The stores that were the first to fail; Glance adds the others when it undoes its work.
        self.culprits: list[str] = []
        self._clock, self._sleep = clock, sleep
        self._begun = clock()
        self._end = self._begun + limits.timeout

    def until_idle(self, api: ImageApi, image: Json) -> Json:
        """Return the image as soon as no import of it runs any more; raise StillRunning if that takes too long."""
        last: Any = None
        moved = self._clock()
        released: float | None = None
        pause = FIRST_POLL_SECONDS
        while image.get(LOCK):
            task = self._task(api, image)
            now = self._clock()
            seen = _signs(image, task)
            if seen != last:
                last, moved = seen, now
                self._note(image, task)
            if task.get("status") == "failure":
                # Glance forgets to take the lock away when no store was left and each was allowed to fail.
                return api.get(image["id"])
            if task.get("status") == "success":
                released = released or now + LOCK_SECONDS
                if now > released:
                    return image
            self._check(image, task, now, moved)
            self._sleep(pause)
            pause = min(pause * 1.3, LAST_POLL_SECONDS)
            image = api.get(image["id"])
        self._note(image, {})
        return image

    def _task(self, api: ImageApi, image: Json) -> Json:
        return next((task for task in api.tasks(image["id"]) if task.get("id") == image[LOCK]), {})

    def _note(self, image: Json, task: Json) -> None:
        failed = split(image.get(FAILED_STORES))
        if failed and not self.culprits:
            self.culprits = failed
        parts = [f"image {image['status']}"]
        if task.get("message") and task["message"] not in EMPTY_MESSAGES:
            parts.append(str(task["message"]))
        if image.get("stores"):
            parts.append(f"in {image['stores']}")
        if image.get(TO_STORES):
            parts.append(f"still to {image[TO_STORES]}")
        if failed:
            parts.append(f"failed in {','.join(failed)}")
        line = ", ".join(parts)
        if not self.progress or not self.progress[-1].endswith(f" s: {line}"):
            self.progress.append(f"{self._clock() - self._begun:.0f} s: {line}")

    def _check(self, image: Json, task: Json, now: float, moved: float) -> None:
        if now > self._end:
            what = f"is not finished after {self.limits.timeout:g} s; raise timeout if it is only large"
        elif now - moved > self.limits.stall:
            what = f"made no progress for {self.limits.stall:g} s (stall_timeout)"
        else:
            return
        last = self.progress[-1] if self.progress else "nothing"
        raise StillRunning(
            f"The import of image {image['id']} {what}. Seen last: {last} (task {image[LOCK]}, "
            f"{task.get('status', 'unknown')}). While Glance fetches data it shows no progress. If glance-api was "
            "restarted meanwhile, the import is lost."
        )


def split(text: Any) -> list[str]:
    """Return the stores in a list of Glance's."""
    return [store for store in str(text or "").split(",") if store]


def reason(api: ImageApi, image_id: str) -> str:
    """Return why the last import failed, as far as Glance tells, and where the rest is written."""
    tasks = sorted(api.tasks(image_id), key=lambda task: str(task.get("created_at")))
    if not tasks:
        return "Glance keeps no record of the import"
    task = tasks[-1]
    number = task.get("id")
    message = str(task.get("message") or "")
    where = f"look for task {number} in the log of glance-api, and at the lines before it"
    if task.get("status") == "failure" and message not in EMPTY_MESSAGES:
        return f"{message.rstrip('.')} ({where})"
    return f"Glance keeps the reason in its log (request {task.get('request_id') or 'unknown'}): {where}"


def _signs(image: Json, task: Json) -> tuple[Any, ...]:
    return (
        image["status"],
        image.get("stores"),
        image.get(TO_STORES),
        image.get(FAILED_STORES),
        task.get("status"),
        task.get("message"),
        task.get("updated_at"),
    )

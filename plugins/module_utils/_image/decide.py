# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""From the module's parameters and what Glance has to a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import (
    COPY,
    DIRECT,
    GLANCE,
    UPLOAD,
    WEB,
    method_mistakes,
    not_enabled,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.model import problems, writable
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import (
    FileOrigin,
    Origin,
    other_glance,
    parse_checksum,
    web,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.plan import (
    Plan,
    PlanError,
    absent,
    copies,
    present,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.source import Source

if TYPE_CHECKING:
    from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired
    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi


def read_origin(params: dict[str, Any]) -> Origin | None:
    """Return where the data comes from; None if the image must exist already."""
    wrong = method_mistakes(params)
    if wrong:
        raise PlanError("\n".join(str(mistake) for mistake in wrong))
    method = params["import_method"]
    checksum = parse_checksum(params["checksum"]) if params["checksum"] else None
    if method == WEB:
        return web(params["url"], checksum)
    if method == GLANCE:
        return other_glance(params["glance_region"], params["glance_image_id"], checksum)
    if method == COPY:
        return None
    origin = FileOrigin(Source(params["src"]), staged=method == DIRECT, checksum=checksum)
    origin.verify()
    return origin


def decide(api: ImageApi, want: Desired, origin: Origin | None, params: dict[str, Any]) -> Plan:
    """Return the plan, from what Glance has."""
    # A list holds either the visible images or the hidden ones.
    images = [image for hidden in ("false", "true") for image in api.images(name=want.name, os_hidden=hidden)]
    if params["state"] == "absent":
        return absent(want, images, api.project)
    declared = api.stores() if want.stores or params["all_stores"] else []
    if params["all_stores"]:
        want = replace(want, stores=writable(declared))
    wrong = problems(want, declared)
    if wrong:
        raise PlanError("\n".join(wrong))
    plan = copies(want, images, api.project) if origin is None else present(want, images, origin, api.project)
    needed = [want.import_method] if plan.create is not None else []
    if plan.copy_to or (plan.create is not None and want.import_method == UPLOAD and len(want.stores) > 1):
        needed.append(COPY)
    enabled = api.import_methods() if [method for method in needed if method != UPLOAD] else []
    refused = [text for text in (not_enabled(method, enabled) for method in needed) if text]
    if refused:
        raise PlanError("\n".join(refused))
    return plan

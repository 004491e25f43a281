# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Ask one Glance for its stores on both levels; what cannot be known is said, not guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.compare import (
    DECLARED,
    LOADED,
    compare,
    detail_is_offered,
    not_loaded,
    plain,
    unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi
    from ansible_collections.openimage.glance.plugins.module_utils._verify.compare import Difference

Json = dict[str, Any]


def query(api: ImageApi, expected: Sequence[Mapping[str, Any]], level: str) -> Json:
    """Return what the module returns; raise ImageApiError when the question itself failed.

    :param level: C(declared), or C(loaded) for both levels.
    """
    declared = _declared(api)
    found = compare(expected, declared, DECLARED) if expected else []
    levels = {DECLARED: "different" if found else "ok", LOADED: "not asked"}
    stores = declared
    if level == LOADED:
        levels[LOADED], loaded, more = _loaded(api, expected)
        stores = loaded or declared
        # What already differs as declared differs as loaded too; once is enough.
        known = {(item.store, item.field) for item in found}
        found += [item for item in more if (item.store, item.field) not in known]
    return {
        "endpoint": api.root,
        "stores": [plain(store) for store in stores],
        "levels": levels,
        "differences": [item._asdict() for item in found],
        "ok": not found,
    }


def _declared(api: ImageApi) -> list[Json]:
    try:
        return api.stores()
    except ImageApiError as error:
        if error.status == 404 and "multi backend" in error.detail.lower():
            raise ImageApiError(
                error.request,
                404,
                f"{error.detail} This Glance runs without enabled_backends: it is not deployed by this collection, "
                "or glance-api still runs with an older configuration and must be restarted.",
            ) from error
        raise


def _loaded(api: ImageApi, expected: Sequence[Mapping[str, Any]]) -> tuple[str, list[Json], list[Difference]]:
    if not detail_is_offered(api.versions()):
        return "not offered", [], []
    try:
        stores = api.stores_detail()
    except ImageApiError as error:
        if error.status == 403:
            raise ImageApiError(
                error.request,
                403,
                f"{error.detail} Only a user with the role admin or service may see the loaded stores "
                "(policy stores_info_detail): use such a login, or level: declared.",
            ) from error
        if error.status == 500:
            return "failed", [], not_loaded(expected, error.status, error.detail)
        raise
    # Whether the storage answers is told even if nothing is expected.
    found = compare(expected, stores, LOADED) if expected else unreachable(stores, LOADED)
    return "different" if found else "ok", stores, found

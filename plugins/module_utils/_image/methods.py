# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""The import methods: what each needs, and what Glance's refusals mean. Pure functions."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.openimage.glance.plugins.module_utils._image.origin import parse_checksum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UPLOAD, DIRECT, WEB, COPY, GLANCE = "upload", "glance-direct", "web-download", "copy-image", "glance-download"
METHODS = (UPLOAD, DIRECT, WEB, COPY, GLANCE)
# What says where the data comes from, by the methods that take it.
ORIGINS = {
    "src": (UPLOAD, DIRECT),
    "url": (WEB,),
    "glance_region": (GLANCE,),
    "glance_image_id": (GLANCE,),
    "glance_service_interface": (GLANCE,),
}
OPTIONAL = ("glance_service_interface",)
# Glance's own, unless allowed_ports or disallowed_ports say otherwise.
DEFAULT_PORTS = (80, 443)


class Mistake(NamedTuple):
    """One thing that is wrong with an option."""

    option: str
    wrong: str
    instead: str

    def __str__(self) -> str:
        return f"{self.option}: {self.wrong}; {self.instead}."


def method_mistakes(params: Mapping[str, Any]) -> list[Mistake]:
    """Return what is wrong with the options of an import method, before anybody is asked."""
    method = params["import_method"]
    found: list[Mistake] = []
    for option, methods in ORIGINS.items():
        given = params.get(option)
        if method in methods and given is None and option not in OPTIONAL:
            found.append(Mistake(option, "is missing", f"write {option}: …, which import_method {method} needs"))
        elif method not in methods and given is not None:
            found.append(Mistake(option, f"is for import_method {' or '.join(methods)}, not for {method}", "remove it"))
    if params.get("all_stores") and params.get("stores"):
        found.append(Mistake("all_stores", "contradicts stores, which names some", "give one of the two"))
    if method == COPY and not (params.get("all_stores") or params.get("stores")):
        found.append(Mistake("stores", "is missing", "name the stores to copy to, or write all_stores: true"))
    if method == COPY and params.get("checksum"):
        found.append(Mistake("checksum", "is not for copy-image, which copies whatever the image holds", "remove it"))
    if params.get("url"):
        found += [Mistake("url", *wrong) for wrong in url_mistakes(params["url"])]
    if params.get("checksum"):
        found += [Mistake("checksum", *wrong) for wrong in checksum_mistakes(params["checksum"])]
    if params.get("glance_image_id") and not _is_uuid(params["glance_image_id"]):
        found.append(Mistake("glance_image_id", "is not the id of an image", "write the UUID that it has there"))
    return found


def url_mistakes(url: str) -> list[tuple[str, str]]:
    """Return what is wrong with a URL, and what to do; the URL is not repeated, as it may hold a password."""
    example = "write an address like https://images.example.org/debian-13.qcow2"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [("is not a URL", example)]
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", url) or port == 0:
        return [("is not the address of something on a web server", example)]
    if parts.username is not None or parts.password is not None:
        return [("holds a user name or a password, which Glance would show to others or cannot use", "remove it")]
    return []


def checksum_mistakes(checksum: str) -> list[tuple[str, str]]:
    """Return what is wrong with a checksum, and what to do."""
    try:
        parse_checksum(checksum)
    except ValueError as error:
        return [(str(error), "write one like sha512:…, with the digits that 'sha512sum FILE' prints")]
    return []


def not_enabled(method: str, enabled: Sequence[str]) -> str:
    """Return why a method cannot be used, or an empty text.

    :param enabled: what C(GET /v2/info/import) lists.
    """
    if method == UPLOAD or method in enabled:
        return ""
    extra = " glance-download came with 2023.1 (Glance 26)." if method == GLANCE else ""
    return (
        f"The import method {method} is not enabled in this Glance, which offers {', '.join(enabled) or 'none'}. "
        f"Add it to the inventory variable glance_import_methods (enabled_import_methods in glance-api.conf) and "
        f"deploy.{extra}"
    )


def body(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what describes the method in the request for an import."""
    if method == WEB:
        return {"name": method, "uri": params["url"]}
    if method == GLANCE:
        return {
            "name": method,
            "glance_region": params["glance_region"],
            "glance_image_id": params["glance_image_id"],
            "glance_service_interface": params.get("glance_service_interface") or "public",
        }
    return {"name": method}


def refusal_hint(method: str, url: str | None, status: int, detail: str) -> str:
    """Return what the refusal of an import means and what to do, or an empty text."""
    words = detail.lower()
    if "does not pass filtering" in words:
        return _filter_hint(url or "")
    if status == 409 and ("active task" in words or "prior operation" in words):
        return (
            "Another import of this image is under way, or was when glance-api ended; Glance lets a new one begin an "
            "hour after the last sign of life (two hours if it had not begun)."
        )
    if status == 409 and "not found" in words and "store" in words:
        return "This node runs with an older configuration than the others: deploy it and restart glance-api."
    if status == 409:
        return "The image is not in the state that this import method needs; did somebody else change it meanwhile?"
    if status == 403:
        rule = "copy_image" if method == COPY else "modify_image"
        return f"The login lacks the right to do this (policy {rule}); copying between stores needs the role admin."
    if status == 413:
        return "A limit of the project is reached (image_size_total, image_stage_total, image_count_uploading)."
    if status in (404, 410) and method == DIRECT:
        return "Is glance-direct among glance_import_methods on every node?"
    return ""


def _filter_hint(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port
    if port is not None and port not in DEFAULT_PORTS:
        first = (
            f"Unless told otherwise Glance fetches from the ports 80 and 443 only, and this is port {port}: add it to "
            f"allowed_ports in [import_filtering_opts] (glance_api_config: {{import_filtering_opts: {{allowed_ports: "
            f"[80, 443, {port}]}}}})."
        )
    else:
        first = (
            "The section [import_filtering_opts] of glance-api.conf says which schemes, hosts and ports are allowed."
        )
    return (
        f"{first} A host name that Glance cannot resolve is refused the same way, and from 2026.2 on so are loopback "
        f"and link-local addresses that allowed_hosts does not name (host {parts.hostname})."
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

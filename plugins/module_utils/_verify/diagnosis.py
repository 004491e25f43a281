# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""From what failed in a canary to the likely cause and what to do about it. Pure functions."""

from __future__ import annotations

RESTART = "Correct it and restart glance-api on that node."


def advice(store: str, node: str, step: str, status: int, detail: str) -> str:
    """Return one or two sentences for the operator, or an empty text when the answer already says everything.

    :param step: what was tried: reach, create, write, locate or stage, check, read, compare, share, delete.
    :param status: HTTP status, 0 when there was no answer.
    :param detail: Glance's own words.
    """
    words = detail.lower()
    if "not finished after" in words or (step not in ("reach", "create") and "no answer in time" in words):
        return (
            f"The store or node {node} is too slow or hangs (a dead NFS server, an unreachable Ceph monitor). "
            "Raise timeout if the store is only slow."
        )
    if step == "share":
        return (
            "The inventory says that all API hosts share this store: "
            f"mount one filesystem at the path of store {store} on both ('findmnt --target PATH' tells what is there), "
            "or use NFS or a store of another type. If it is the same one, the log of glance-api on the node that "
            "reads has the reason (journalctl -u glance-api)."
        )
    if step == "locate":
        return _location_advice(store, node, status, words)
    if step == "stage" and status >= 500:
        return (
            f"Through {node} no image can be imported, and perhaps none deleted: the service user must be able to "
            f"write to the directory of {store} (glance_staging_path). Glance looks at it only when it starts: restart "
            "glance-api once it is in order. Its log has the reason (journalctl -u glance-api)."
        )
    if step == "delete" and status == 500:
        # StoreDeleteNotSupported in its log, seen with 2025.1: it looks for staged data before it deletes anything.
        return (
            f"May the service user write to the directory of os_glance_staging_store on {node} (glance_staging_path), "
            "and could it when glance-api started? If not, Glance deletes no image of any store. Or is lock_path in "
            "[oslo_concurrency] not set, or not writable? The log of glance-api has the reason (journalctl -u "
            "glance-api)."
        )
    if step in ("write", "stage"):
        found = _write_advice(store, node, status, words)
        if found:
            return found
    if step in ("read", "compare"):
        return (
            f"The store accepted the data but did not give the same back. Do not use store {store} until the cause is "
            "known: look at the log of glance-api and at the health of the storage behind it."
        )
    if status == 401:
        return "The token was refused: look at [keystone_authtoken] in glance-api.conf of that node and at its clock."
    if status == 403:
        return "The login needs a role that may create, upload and delete images in its project (member or admin)."
    if status in (502, 504) or (status == 503 and "permission" not in words):
        return f"A proxy in front of Glance found no glance-api on {node}: see 'systemctl status glance-api' there."
    if status >= 500:
        return f"The log of glance-api on {node} has the reason (journalctl -u glance-api)."
    return ""


def _location_advice(store: str, node: str, status: int, words: str) -> str:
    if "does not pass filtering" in words:
        return (
            "The section [import_filtering_opts] does not allow this URL: from 2026.2 on it also rules over locations, "
            "with the ports 80 and 443 unless allowed_ports says otherwise."
        )
    if "http store must be enabled" in words:
        return f"glance-api on {node} runs without a store of type http in enabled_backends: deploy it there."
    if status == 403:
        return "The login needs the role member in its project, or service (policy add_image_location)."
    return (
        f"Does the URL exist, and can node {node} reach it? 'curl -I URL' there tells; with https also look at "
        f"https_ca_certificates_file of store {store}."
    )


def _write_advice(store: str, node: str, status: int, words: str) -> str:
    if "adding images to store is disabled" in words:
        return (
            f"Glance could not initialise store {store} on {node}: its directory cannot be written by the service "
            "user, its cluster does not answer, or a library, key or option of its driver is missing. The log of "
            f"glance-api says which ('could not be configured correctly'). {RESTART}"
        )
    if "media is full" in words:
        return (
            f"The disk or pool behind store {store} is full on {node}: free or add space; glance-api needs no restart."
        )
    if status == 413:
        return (
            "A quota or size limit of the project is reached: see the limits of the image service (openstack limits)."
        )
    if "insufficient permissions" in words:
        return (
            f"The service user may not write to the directory of store {store} on {node}: "
            "check owner, mode and whether it is mounted read-only."
        )
    if "not found" in words and "store" in words:
        return (
            f"glance-api on {node} runs without store {store} in enabled_backends: its configuration is older than the "
            "inventory. Deploy it there and restart glance-api."
        )
    if status == 500:
        return (
            f"The driver of store {store} failed on {node}: a directory that has gone, a mount or a cluster that "
            "does not answer. The log of glance-api has the reason (journalctl -u glance-api)."
        )
    if status == 0:
        return f"The log of glance-api and of what stands in front of it on {node} has the reason."
    return ""

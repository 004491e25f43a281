#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed an image: upload, copy to stores, publish, hide its predecessor."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Seed an image into Glance and keep it as described
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Brings data into an image unless an image of this name already has it, and corrects what is described otherwise. The
    data is a file that is uploaded, or something that Glance itself imports (O(import_method)).
  - An image counts as the wished one when it has the name, belongs to the project of the login or is public, and has
    the content. A file is compared by Glance's own hash (C(os_hash_value)), as well as O(disk_format) and
    O(container_format). What Glance has fetched is recognised by O(checksum) or, without one, by where it came from,
    which is recorded on the image as the property C(openimage_source).
  - When the content has changed, a new image is made, checked and published; the old one is then hidden and never
    deleted, because servers may have been made from it. Going back to an older content shows the hidden image again.
  - A new image is hidden and carries the tag C(openimage-glance-unfinished) until its data is proven and it is in all
    stores. What a killed run has left is recognised by that tag; the next run completes or removes it. Run only one
    task for the same name at a time.
extends_documentation_fragment:
  - openimage.glance.attributes
  - openimage.glance.auth
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    details: Wherever openstacksdk is installed; usually on the controller.
    platforms: posix
options:
  endpoint:
    description:
      - URL of the image API, such as V(http://192.0.2.11:9292).
      - The endpoint in the catalog when it is not given.
    type: str
  name:
    description: Name of the image.
    type: str
    required: true
  state:
    description:
      - V(present) makes the image exist as described.
      - V(absent) deletes the image of this name, and what killed runs have left of it. Hidden predecessors stay; with
        O(hidden=true) they are deleted, and the visible image stays.
    type: str
    choices: [present, absent]
    default: present
  src:
    description:
      - The file, on the host where the module runs. It is never loaded into memory.
      - Required with O(import_method=upload) and O(import_method=glance-direct).
    type: path
  import_method:
    description:
      - How the data gets into the image. All but V(upload) must be enabled in Glance (the inventory variable
        C(glance_import_methods)); that is looked at before anything is created.
      - V(upload) sends O(src) to a store. Import plugins of Glance do not see it.
      - V(glance-direct) sends O(src) to the staging area of Glance, from where it is imported through the plugins.
      - V(web-download) lets Glance fetch O(url).
      - V(glance-download) lets Glance fetch the image O(glance_image_id) of the region O(glance_region). Releases
        before 2023.1 do not have it.
      - V(copy-image) brings the image of this name, whatever it holds, into O(stores) that lack it.
    type: str
    choices: [upload, glance-direct, web-download, copy-image, glance-download]
    default: upload
  url:
    description:
      - What Glance should fetch with O(import_method=web-download). Unless C([import_filtering_opts]) says otherwise,
        Glance fetches from the ports 80 and 443 only.
      - It is shown, and recorded on the image, without its query, in place of which a digest stands.
    type: str
  glance_region:
    description: The region in the catalog whose Glance has the image, with O(import_method=glance-download).
    type: str
  glance_image_id:
    description: The image in that region.
    type: str
  glance_service_interface:
    description: The kind of endpoint in that region. Glance's default is V(public).
    type: str
    choices: [public, internal, admin]
  checksum:
    description:
      - The hash that the data must have, such as V(sha512:9a074b6c…). An image that turns out to have another is
        deleted, and the task fails.
      - It must be of the algorithm by which Glance hashes (C(hashing_algorithm), SHA-512 unless configured otherwise),
        or MD5. With O(src) it is compared before anything is sent and can be of any kind.
      - If import plugins of Glance convert the data, it is the hash of the result.
    type: str
  disk_format:
    description: Format of the file.
    type: str
    default: qcow2
  container_format:
    description: Container format of the file.
    type: str
    default: bare
  visibility:
    description:
      - Who can see the image. Glance's own default for new images is V(shared), which shows it to its project only
        until members are added.
      - V(public) needs the role admin.
    type: str
    choices: [private, shared, community, public]
  protected:
    description:
      - Whether the image is protected from being deleted.
      - With O(state=absent), V(false) deletes it although it is protected.
    type: bool
  hidden:
    description: Whether the image is left out of the lists of images, though it can still be used.
    type: bool
  min_disk:
    description: Size in GiB that a disk needs to boot the image.
    type: int
  min_ram:
    description: Size in MiB of the memory that a server needs to boot the image.
    type: int
  tags:
    description: The tags of the image; others are removed.
    type: list
    elements: str
  properties:
    description:
      - Further properties, such as C(os_distro) or C(hw_disk_bus). Properties that are not named stay as they are.
      - Numbers are stored as text, truth values as V(true) and V(false). A property with the value null is removed.
    type: dict
    default: {}
  stores:
    description:
      - Identifiers of the stores that should hold the data. An O(import_method=upload) goes to the first; Glance itself
        copies it to the others, for which the user needs the role admin and Glance the import method C(copy-image). The
        other methods import into all of them at once.
      - The default store when none are given. Copies in further stores are never removed.
    type: list
    elements: str
    default: []
  all_stores:
    description: All stores that can take data should hold it, the default store first. Not together with O(stores).
    type: bool
    default: false
  all_stores_must_succeed:
    description:
      - With V(true) a store that fails is an error. A new image does not come into sight then.
      - With V(false) the image is published when at least one store has it. The others are in RV(failed_stores), with a
        warning, and the next run tries them again.
    type: bool
    default: true
  fail_on_partial:
    description:
      - Fail at the end when O(all_stores_must_succeed=false) and a store has failed. The image stays published.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that Glance may be silent during an upload, and that imports and copies to further stores may take in
        all.
    type: int
    default: 1800
  stall_timeout:
    description:
      - Seconds without any sign of progress after which an import counts as lost, for example because glance-api was
        restarted.
      - While Glance fetches data into its staging area it shows no progress, so this must be longer than that takes.
    type: int
    default: 900
seealso:
  - module: openimage.glance.store_canary
  - module: openstack.cloud.image
"""

EXAMPLES = r"""
- name: Seed a public image
  openimage.glance.image:
    cloud: mycloud
    name: debian-13
    src: /srv/images/debian-13.qcow2
    visibility: public
    properties:
      os_distro: debian
      hw_qemu_guest_agent: true

- name: Keep an image in two stores
  openimage.glance.image:
    cloud: mycloud
    name: rescue
    src: /srv/images/rescue.raw
    disk_format: raw
    stores: [ceph-0, local]

- name: Let Glance fetch an image into all stores, and prove that it is the right one
  openimage.glance.image:
    cloud: mycloud
    name: debian-13
    import_method: web-download
    url: https://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2
    checksum: sha512:{{ debian_13_sha512 }}
    all_stores: true
    all_stores_must_succeed: false

- name: Add a store to an image that exists
  openimage.glance.image:
    cloud: mycloud
    name: debian-13
    import_method: copy-image
    stores: [swift-0]

- name: Remove an image
  openimage.glance.image:
    cloud: mycloud
    name: debian-11
    state: absent
"""

RETURN = r"""
image:
  description:
    - The image as Glance shows it; in check mode, as it would be.
    - Null when it is absent.
  returned: success
  type: dict
  sample:
    id: ee934448-0e2f-4799-9763-3a9f82081822
    name: debian-13
    status: active
    size: 345637376
    disk_format: qcow2
    container_format: bare
    visibility: public
    os_hidden: false
    os_hash_algo: sha512
    os_hash_value: 9a074b6c…
    stores: ceph-0,local
    tags: []
actions:
  description: What was done, or would be in check mode, as sentences.
  returned: success
  type: list
  elements: str
  sample:
    - create image debian-13 from /srv/images/debian-13.qcow2 (345637376 bytes) in the default store
    - hide image 0d7b0b3e-1f9f-4a51-a7f5-8f7c2f0d3f30, which had this name with other content
failed_stores:
  description: Why a store has no copy, by its identifier; only with O(all_stores_must_succeed=false).
  returned: success, and with O(fail_on_partial=true)
  type: dict
  sample: {}
progress:
  description: What was seen while Glance imported or copied, with the seconds since the beginning.
  returned: always, except when nothing was tried
  type: list
  elements: str
  sample:
    - '0 s: image importing, still to ceph-0,local'
    - '61 s: image importing, Copied 640 MiB, still to ceph-0,local'
    - '95 s: image active, in ceph-0,local'
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._auth import (
    AuthenticationError,
    adapter,
    auth_argument_spec,
    require_sdk,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.apply import execute, steps
from ansible_collections.openimage.glance.plugins.module_utils._image.bring import ImageFailure, Work
from ansible_collections.openimage.glance.plugins.module_utils._image.decide import decide, read_origin
from ansible_collections.openimage.glance.plugins.module_utils._image.methods import METHODS, UPLOAD, body
from ansible_collections.openimage.glance.plugins.module_utils._image.model import desired
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import OriginError, shown_url
from ansible_collections.openimage.glance.plugins.module_utils._image.plan import PlanError, difference, predicted
from ansible_collections.openimage.glance.plugins.module_utils._image.probe import look
from ansible_collections.openimage.glance.plugins.module_utils._image.source import SourceError
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import Limits, Watch
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **auth_argument_spec(),
            "endpoint": {"type": "str"},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "src": {"type": "path"},
            "import_method": {"type": "str", "choices": list(METHODS), "default": UPLOAD},
            "url": {"type": "str"},
            "glance_region": {"type": "str"},
            "glance_image_id": {"type": "str"},
            "glance_service_interface": {"type": "str", "choices": ["public", "internal", "admin"]},
            "checksum": {"type": "str"},
            "disk_format": {"type": "str", "default": "qcow2"},
            "container_format": {"type": "str", "default": "bare"},
            "visibility": {"type": "str", "choices": ["private", "shared", "community", "public"]},
            "protected": {"type": "bool"},
            "hidden": {"type": "bool"},
            "min_disk": {"type": "int"},
            "min_ram": {"type": "int"},
            "tags": {"type": "list", "elements": "str"},
            "properties": {"type": "dict", "default": {}},
            "stores": {"type": "list", "elements": "str", "default": []},
            "all_stores": {"type": "bool", "default": False},
            "all_stores_must_succeed": {"type": "bool", "default": True},
            "fail_on_partial": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 1800},
            "stall_timeout": {"type": "int", "default": 900},
        },
        supports_check_mode=True,
    )
    params = dict(module.params)
    # Core repeats the options in the module's output, and the query of a signed URL is a secret.
    if params["url"]:
        module.params["url"] = shown_url(params["url"])
    require_sdk(module)
    want = desired(params)
    head = f"Image '{want.name}' could not be made {params['state']}."
    watch = Watch(Limits(params["timeout"], params["stall_timeout"]))
    try:
        # What is wrong here is told before anybody is asked.
        origin = read_origin(params) if params["state"] == "present" else None
        api = ImageApi(adapter(params, "image", params["endpoint"]), params["endpoint"])
        plan = decide(api, want, origin, params)
        work = Work(api, watch, origin, body(want.import_method, params), look)
        after = predicted(plan, origin)
        diff = difference(plan, after)
        result: dict[str, Any] = {
            "actions": steps(plan, origin),
            "failed_stores": {},
            "changed": plan.changes,
            "diff": diff,
        }
        if not module.check_mode:
            outcome = execute(plan, work)
            after = outcome.image
            if outcome.failed:
                diff["after"]["stores"] = [store for store in diff["after"]["stores"] if store not in outcome.failed]
            result.update(changed=outcome.changed, failed_stores=outcome.failed)
            for warning in outcome.warnings:
                module.warn(warning)
    except (AuthenticationError, ImageApiError, SourceError, OriginError, PlanError, ImageFailure) as error:
        text = str(error)
        if params["url"]:
            text = text.replace(params["url"], module.params["url"])
        module.fail_json(msg=f"{head} {text}", progress=watch.progress)
    for warning in plan.warnings:
        module.warn(warning)
    result.update(image=after, progress=watch.progress)
    partial = [
        f"Store {store} has no copy of image '{want.name}': {why}." for store, why in result["failed_stores"].items()
    ]
    if partial and params["fail_on_partial"]:
        module.fail_json(msg=f"Image '{want.name}' is not in all its stores. {' '.join(partial)}", **result)
    for text in partial:
        module.warn(text)
    module.exit_json(**result)


if __name__ == "__main__":
    main()

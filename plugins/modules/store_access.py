#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Try image stores from an API host before the running service is given them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: store_access
short_description: Try image stores from an API host before the running service is given them
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Glance starts with a store that it cannot use, and lists it. This module finds out beforehand. It uses each store as
    Glance does, on the API host, as the service user, with the interpreter and libraries of the installed Glance, and
    fails with the cause and the remedy of everything that is wrong with any of them.
  - For C(rbd) it connects with the keyring, and creates, writes, snapshots, protects, unprotects and removes a small
    image; it names the missing pool, the refused key, the missing C(mon), C(osd) or C(mgr) cap, a full cluster.
  - For C(swift) it logs in with the reference file, finds the endpoint, and writes, reads and deletes a small object;
    it tells a wrong password from a wrong project and from a missing role.
  - For C(s3) it writes, reads and deletes a small object; it tells a wrong access key from a wrong secret key and names
    the missing bucket, a wrong region, and checksums that an older service does not take.
  - For C(cinder) it logs in and looks for the endpoint, the volume type and, if it may ask, a running C(cinder-volume).
    It creates nothing.
  - For C(file) it reads the location metadata, which Glance's own driver judges. The directory is tried by
    M(openimage.glance.store_canary) once the service runs.
  - Files that the stores need and that are not on the host yet are given in O(files). They are held in memory only, so
    the running service keeps what it has.
  - Stores are tried at the same time, eight at most. Each is tried in a process of its own, which is ended after
    O(timeout), because librados can hang.
  - A bucket or container that is missing but may be created is not created. Whether it could be is tried with one of
    another name, which is removed again.
  - The names of all that is made begin with C(openimage-glance-probe-). What a killed run left is removed by the next
    one; what another host left, after an hour.
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
    details: >-
      Logs in and looks, but writes nothing to a store. What cannot be tried because Glance or a library is not
      installed yet is a warning.
  diff_mode:
    support: none
    details: What it remembers tells people nothing.
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  python:
    description: The interpreter of the installed Glance, C(/usr/bin/python3) for packages or C(bin/python) of a virtual
      environment.
    type: path
    default: /usr/bin/python3
  user:
    description: The system user that Glance runs as.
    type: str
    default: glance
  files:
    description: Files that O(stores) name and that are to be written afterwards. Others are read where they are.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where the file will be.
        type: path
        required: true
      content:
        description: The complete content. May name others of these files.
        type: str
        required: true
      owner:
        description: The owner that it will have.
        type: str
        default: root
      group:
        description: The group that it will have.
        type: str
        default: root
      mode:
        description: The mode that it will have, four octal digits. Without it nobody asks whether O(user) can read it.
        type: str
  stores:
    description: The stores to try. Which keys count depends on O(stores[].type). The store plan of
      P(openimage.glance.store_plan#filter) has them under C(access).
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: The store's id.
        type: str
        required: true
      type:
        description: The store's type.
        type: str
        choices: [rbd, swift, s3, cinder, file]
        required: true
      path:
        description: Directory of a C(file) store.
        type: str
        default: ""
      metadata_file:
        description: Path of the location metadata of a C(file) store.
        type: str
        default: ""
      pool:
        description: Pool of an C(rbd) store.
        type: str
        default: images
      user:
        description: Ceph's user without C(client.), or the user of a C(cinder) store's login.
        type: str
        default: ""
      conf:
        description: Path of the C(ceph.conf). Empty for Ceph's own default.
        type: str
        default: ""
      keyring:
        description: Path of the keyring that the configuration names.
        type: str
        default: ""
      config_file:
        description: Path of a C(swift) store's reference file.
        type: str
        default: ""
      reference:
        description: Section of it.
        type: str
        default: ref1
      container:
        description: Swift's container.
        type: str
        default: glance
      create_container:
        description: Whether Glance creates the container when it is missing.
        type: bool
        default: false
      region:
        description: Region of the endpoint, or of the bucket.
        type: str
        default: ""
      endpoint:
        description: Address of Swift, instead of the one in the catalog.
        type: str
        default: ""
      endpoint_type:
        description: Which of Swift's endpoints.
        type: str
        default: publicURL
      service_type:
        description: Swift's type in the catalog.
        type: str
        default: object-store
      multi_tenant:
        description: Whether users' own logins are used. Only O(stores[].endpoint) can be tried then.
        type: bool
        default: false
      cacert:
        description: Path of the CA certificate for TLS.
        type: str
        default: ""
      insecure:
        description: Whether any certificate is good.
        type: bool
        default: false
      host:
        description: URL of an C(s3) store.
        type: str
        default: ""
      access_key:
        description: Access key of an C(s3) store.
        type: str
        default: ""
      secret_key:
        description: Secret key of an C(s3) store.
        type: str
        default: ""
      bucket:
        description: S3's bucket.
        type: str
        default: ""
      create_bucket:
        description: Whether Glance creates the bucket when it is missing.
        type: bool
        default: false
      bucket_url_format:
        description: Whether the bucket is in the name of the host or in the path.
        type: str
        choices: [auto, virtual, path]
        default: auto
      integrity:
        description: Glance's option C(s3_store_enable_data_integrity_protection).
        type: bool
        default: false
      request_checksum:
        description: Glance's option C(s3_store_request_checksum_calculation).
        type: str
        default: ""
      response_checksum:
        description: Glance's option C(s3_store_response_checksum_validation).
        type: str
        default: ""
      volume_type:
        description: Volume type of a C(cinder) store. Empty for Cinder's default.
        type: str
        default: ""
      auth_url:
        description: Keystone of a C(cinder) store's own login. Without a login nothing can be tried.
        type: str
        default: ""
      password:
        description: Password of that login.
        type: str
        default: ""
      project:
        description: Project of that login.
        type: str
        default: ""
      user_domain:
        description: Domain of the user.
        type: str
        default: Default
      project_domain:
        description: Domain of the project.
        type: str
        default: Default
      application_credential_id:
        description: Application credential instead of user, password and project.
        type: str
        default: ""
      application_credential_secret:
        description: Its secret.
        type: str
        default: ""
      catalog_info:
        description: Type, name and interface of Cinder's endpoint, with colons.
        type: str
        default: volumev3::publicURL
      endpoint_template:
        description: Address of Cinder with C(%(project_id)s), instead of the one in the catalog.
        type: str
        default: ""
      use_multipath:
        description: Taken from the plan; nothing is tried with it.
        type: bool
        default: false
      transports:
        description: Taken from the plan; nothing is tried with it.
        type: list
        elements: str
        default: []
  when:
    description: V(changed) leaves out a store whose description and files are those with which it was last found good.
      V(always) leaves out none.
    type: str
    choices: [changed, always]
    default: changed
  timeout:
    description: Seconds for each store.
    type: int
    default: 30
  secrets:
    description: Secrets within O(files), such as keys. Ansible notes a module's arguments in the host's journal and
      masks only what it knows to be secret. The module finds them by itself for its messages.
    type: list
    elements: str
    default: []
  state_dir:
    description: Directory of the note of what was last found good, made for root only. It holds keyed digests, nothing
      of a store.
    type: path
    default: /var/lib/openimage-glance
seealso:
  - module: openimage.glance.store_canary
  - plugin: openimage.glance.store_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Try a Ceph pool with a new keyring before it is written
  openimage.glance.store_access:
    files:
      - path: /etc/ceph/ceph-0.conf
        content: |
          [global]
          mon_host = 192.0.2.11,192.0.2.12,192.0.2.13
          keyring = /etc/ceph/ceph-0.client.glance.keyring
      - path: /etc/ceph/ceph-0.client.glance.keyring
        content: |
          [client.glance]
          key = {{ vault_ceph_0_key }}
    stores:
      - {id: ceph-0, type: rbd, pool: images, user: glance, conf: /etc/ceph/ceph-0.conf}
    secrets: ["{{ vault_ceph_0_key }}"]
  become: true

- name: Try the stores of a running service, whatever was known before
  openimage.glance.store_access:
    python: /opt/glance/2026.2/bin/python
    stores: "{{ __glance_plan.access }}"
    when: always
  become: true
"""

RETURN = r"""
tried:
  description: Ids of the stores that were tried.
  returned: always
  type: list
  elements: str
  sample: [ceph-0]
unchanged:
  description: Ids of the stores that are as they were when they were last found good.
  returned: always
  type: list
  elements: str
  sample: [swift-0]
seconds:
  description: Store id → seconds that it took.
  returned: success
  type: dict
  sample: {ceph-0: 2.1}
removed:
  description: Store id → probes of killed runs that were removed.
  returned: success
  type: dict
  sample: {}
problems:
  description: Everything that is wrong, one sentence each.
  returned: when a store cannot be used
  type: list
  elements: str
  sample:
    - >-
      Store ceph-0 (rbd) on glance-1: tried to open pool images; there is no such pool; client.glance sees volumes.
      To do: run 'ceph osd pool create images && rbd pool init images', or correct the store's pool.
"""

import os
import platform
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._access import files as candidates
from ansible_collections.openimage.glance.plugins.module_utils._access import note, runner, verdicts
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import Mask
from ansible_collections.openimage.glance.plugins.module_utils._turns import BusyError, turn

Json = dict[str, Any]


def argument_spec() -> Json:
    """Options of the module."""

    def text(default: str = "", **more: Any) -> Json:
        return {"type": "str", "default": default, **more}

    def switch() -> Json:
        return {"type": "bool", "default": False}

    store = {
        "id": {"type": "str", "required": True},
        "type": {"type": "str", "required": True, "choices": ["rbd", "swift", "s3", "cinder", "file"]},
        "pool": text("images"),
        "user": text(),
        "conf": text(),
        "keyring": text(no_log=False),
        "config_file": text(),
        "reference": text("ref1"),
        "container": text("glance"),
        "create_container": switch(),
        "region": text(),
        "endpoint": text(),
        "endpoint_type": text("publicURL"),
        "service_type": text("object-store"),
        "multi_tenant": switch(),
        "cacert": text(),
        "insecure": switch(),
        "host": text(),
        "access_key": text(no_log=True),
        "secret_key": text(no_log=True),
        "bucket": text(),
        "create_bucket": switch(),
        "bucket_url_format": text("auto", choices=["auto", "virtual", "path"]),
        "integrity": switch(),
        "request_checksum": text(),
        "response_checksum": text(),
        "volume_type": text(),
        "auth_url": text(),
        "password": text(no_log=True),
        "project": text(),
        "user_domain": text("Default"),
        "project_domain": text("Default"),
        "application_credential_id": text(),
        "application_credential_secret": text(no_log=True),
        "catalog_info": text("volumev3::publicURL"),
        "endpoint_template": text(),
        "use_multipath": switch(),
        "path": text(),
        "metadata_file": text(),
        "transports": {"type": "list", "elements": "str", "default": []},
    }
    file = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str", "required": True, "no_log": True},
        "owner": text("root"),
        "group": text("root"),
        "mode": {"type": "str"},
    }
    return {
        "python": {"type": "path", "default": "/usr/bin/python3"},
        "user": text("glance"),
        "files": {"type": "list", "elements": "dict", "default": [], "options": file},
        "stores": {"type": "list", "elements": "dict", "required": True, "options": store},
        "when": text("changed", choices=["changed", "always"]),
        "timeout": {"type": "int", "default": 30},
        "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
        "state_dir": {"type": "path", "default": "/var/lib/openimage-glance"},
    }


class StoreAccess:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        params = module.params
        self.module = module
        self.stores: list[Json] = params["stores"]
        self.files: list[Json] = params["files"]
        self.host = platform.node().partition(".")[0]
        self.mask = Mask([*candidates.secrets(self.stores, self.files), *params["secrets"]])
        self.settings = runner.Settings(
            params["python"], params["user"], self.host, params["timeout"], write=not module.check_mode
        )
        self.result: Json = {"changed": False, "tried": [], "unchanged": []}

    def _run(self, command: list[str], data: bytes) -> tuple[int, str, str]:
        code, output, errors = self.module.run_command(command, data=data, binary_data=True, cwd="/")
        return code, output, errors

    def _warn(self, text: str) -> None:
        self.module.warn(self.mask.text(text))

    def _not_yet(self, results: dict[str, Json]) -> None:
        """In check mode a library may be missing because an earlier task would have installed it."""
        for name, found in results.items():
            problem = found.get("problem", {})
            if self.module.check_mode and problem.get("kind") == "library":
                self._warn(
                    f"Store {name} on {self.host} could not be tried: {problem['text']}. It is not installed yet."
                )
                results[name] = {"id": name}

    def _judge(self, stores: list[Json]) -> verdicts.Verdict:
        """Try stores and put what was found into words."""
        by_path = {item["path"]: item for item in self.files}
        who = candidates.account(self.settings.user)
        results = runner.attempt(self._run, self.settings, stores, self.files)
        self._not_yet(results)
        verdict = verdicts.judge(stores, results, self.host, self.settings.python, self.settings.seconds)
        for store in stores:
            for words in candidates.obstacles(store, by_path, who):
                verdict.problems.append(verdicts.sentence(store, self.host, words))
                verdict.failed.append(store["id"])
        self.result["seconds"] = {name: found["seconds"] for name, found in results.items() if "seconds" in found}
        self.result["removed"] = {name: found["removed"] for name, found in results.items() if found.get("removed")}
        return verdict

    def try_them(self) -> None:
        """Try what has changed, remember what is good, refuse what is not."""
        known = note.Note(self.module.params["state_dir"], [self.settings.python, self.settings.user])
        contents = {item["path"]: item["content"] for item in self.files}
        digests = {store["id"]: known.digest(store, contents) for store in self.stores}
        always = self.module.params["when"] == "always"
        stores = [store for store in self.stores if always or known.known.get(store["id"]) != digests[store["id"]]]
        self.result["tried"] = [store["id"] for store in stores]
        self.result["unchanged"] = [name for name in digests if name not in self.result["tried"]]
        verdict = self._judge(stores) if stores else verdicts.Verdict([], [], [], [])
        for warning in verdict.warnings:
            self._warn(warning)
        after = known.after(digests, verdict.failed, verdict.good)
        if after != known.known:
            self.result["changed"] = True
            if not self.module.check_mode:
                known.save(after)
        if verdict.problems:
            self._refuse([self.mask.text(problem) for problem in verdict.problems])

    def _refuse(self, problems: list[str]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "\n".join(f"  - {problem}" for problem in problems)
        message = f"Glance could not use its stores from {self.host}, {count}; the service was not touched:\n{lines}"
        self.module.fail_json(msg=message, problems=problems, **self.result)

    def run(self) -> Json:
        """Try the stores; the result."""
        names = [store["id"] for store in self.stores]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise runner.AccessError(
                f"stores: given twice: {', '.join(twice)}. To do: give each store an id of its own."
            )
        directory = self.module.params["state_dir"]
        if self.module.check_mode:
            self.try_them()
            return self.result
        os.makedirs(directory, mode=0o700, exist_ok=True)
        os.chmod(directory, 0o700)
        with turn(directory, 120):
            self.try_them()
        return self.result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    access = StoreAccess(module)
    try:
        access.run()
    except runner.AccessError as error:
        if not (error.not_yet and module.check_mode):
            module.fail_json(msg=access.mask.text(str(error)), **access.result)
        module.warn(access.mask.text(f"The stores were not tried: {error}"))
    except (BusyError, OSError) as error:
        module.fail_json(msg=access.mask.text(str(error)), **access.result)
    module.exit_json(**access.result)


if __name__ == "__main__":
    main()

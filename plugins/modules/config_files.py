#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate and write a service's configuration files, all or none."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Validate and write a service's configuration files, all or none
version_added: "0.1.0"
description:
  - Takes the complete contents of all configuration files of one service, compares them with what is on the host,
    has the I(installed) service check what is new, and only then replaces the files that differ.
  - The check runs under the interpreter of the installed service with its own C(oslo.config) options. It finds unknown
    and misplaced sections and options, values that do not fit their type, references to options that do not exist
    and options set twice, and warns about deprecated ones. All problems are reported at once, each under the name by
    which it is written in the inventory. Nothing is written then.
  - New contents are written to temporary files beside their targets with their final owner and mode, and renamed once
    all of them are on disk. A file that needs no change is not touched.
  - Symbolic links are refused, not followed, for files and directories.
author:
  - The openimage.glance contributors (@openimage)
extends_documentation_fragment:
  - openimage.glance.attributes
attributes:
  check_mode:
    support: full
    details: When the service is not installed yet, the validation is skipped with a warning.
  diff_mode:
    support: full
    details: Secrets are masked, also those of the file that is replaced.
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  files:
    description: The files as they should be.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      content:
        description: The complete content.
        type: str
        required: true
      check:
        description:
          - A command that judges a new content before it is put in place, as a list. The path of a private copy follows
            as its last argument.
          - If it fails, nothing is changed. In check mode a command that is not there yet is a warning.
        type: list
        elements: str
        default: []
      mode:
        description: Four octal digits in quotes.
        type: str
        default: "0640"
      owner:
        description: Name or number of the user.
        type: str
        default: root
      group:
        description: Name or number of the group.
        type: str
        default: root
  directories:
    description: The directories as they should be. Missing parents are created as C(0755 root:root).
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      mode:
        description: Four octal digits in quotes.
        type: str
        default: "0750"
      owner:
        description: Name or number of the user.
        type: str
        default: root
      group:
        description: Name or number of the group.
        type: str
        default: root
  absent:
    description: Files that must not be there. Anything but a file or a symbolic link is refused.
    type: list
    elements: path
    default: []
  validate:
    description: How to check the new contents. Without it nothing is checked.
    type: dict
    suboptions:
      python:
        description: Interpreter of the installed service, such as V(/usr/bin/python3) or C(<venv>/bin/python).
        type: path
        required: true
      files:
        description: Paths among O(files) to check, in the order in which the service loads them.
        type: list
        elements: path
        required: true
      stores:
        description:
          - Sections that belong to a Glance store, each with its store type.
          - The reserved stores, and what C(enabled_backends) in the contents says, are known without it.
        type: dict
        default: {}
      origins:
        description: Sections that come from elsewhere than O(validate.origin), with their place in the inventory, such
          as V(glance_stores[1].options).
        type: dict
        default: {}
      origin:
        description: The inventory variable that holds section, option and value of all other sections; begins the names
          in messages.
        type: str
        default: glance_api_config
      namespaces:
        description:
          - Entry points of C(oslo.config.opts) whose options the service knows, all of which must be installed.
          - Default are those of glance-api.
        type: list
        elements: str
        default: []
      database:
        description:
          - The SQLAlchemy URL of the database in the new content. The service's own interpreter logs in with it before
            anything is written, so that a wrong password never replaces a right one.
          - A failure in check mode is a warning, because an earlier task may have been going to make the account.
          - With O(validate.stores), a store of the present files that the new ones drop, or turn into one of another
            type, is refused while images are in it. The database says how many; it is asked only when that happens.
        type: str
  validate_when:
    description: Whether to check only when the content of one of O(validate.files) changes, or in every run; the
      latter finds what an upgrade of the service has made invalid.
    type: str
    choices: [changed, always]
    default: changed
  verdict:
    description:
      - RV(verdict) of an earlier task of the same run. The installed service is not asked again for its options where
        it would be asked the very same; all else is done as ever.
      - To be left out when the service was installed or upgraded in between.
    type: dict
    suboptions:
      seal:
        description: What the question is recognized by.
        type: str
        required: true
      masked_options:
        description: Names of options whose values the installed service calls secret.
        type: list
        elements: str
        default: []
  judge_only:
    description:
      - Only have what is new checked, and change nothing. For a moment at which more than these files is going to
        change, such as the password of O(validate.database), and a refusal must come before all of that.
      - C(changed) is false. What would be changed is in RV(changed_paths) and RV(removed).
      - A service that is not installed, or not in this release, is no failure, and the login to O(validate.database) is
        not tried. Whether dropped stores hold images is asked with the login that the present files have.
    type: bool
    default: false
  secrets:
    description: Strings that are masked in diffs, messages and warnings, also in the form that they have in URLs.
    type: list
    elements: str
    default: []
seealso:
  - name: oslo.config
    description: The library whose syntax and types these files follow.
    link: https://docs.openstack.org/oslo.config/latest/
"""

EXAMPLES = r"""
- name: Write Glance's configuration
  openimage.glance.config_files:
    directories:
      - {path: /etc/glance, mode: "0755"}
    files:
      - path: /etc/glance/glance-api.conf
        content: "{{ lookup('ansible.builtin.template', 'glance-api.conf.j2') }}"
        group: glance
    validate:
      python: /usr/bin/python3
      files: [/etc/glance/glance-api.conf]
      stores: {local: file}
      origins: {local: "glance_stores[0].options"}
    secrets: ["{{ glance_database_password }}", "{{ glance_service_password }}"]
  register: __glance_configuration
"""

RETURN = r"""
changed_paths:
  description: Paths of files and directories that were, or in check mode would be, created or changed.
  returned: always
  type: list
  elements: str
  sample: [/etc/glance/glance-api.conf]
removed:
  description: Files of O(absent), and temporary files of an earlier, killed run, that were removed.
  returned: always
  type: list
  elements: str
  sample: []
judged:
  description: Whether O(judge_only) was set.
  returned: always
  type: bool
  sample: false
validated:
  description: Whether the contents were checked by the installed service in this run, here or as O(verdict) shows.
  returned: always
  type: bool
  sample: true
verdict:
  description: What O(verdict) of a later task takes, so that the same is not asked twice.
  returned: when the contents were checked, and nothing was tolerated that a later run would refuse
  type: dict
  contains:
    seal:
      description: A salted, slow hash of the question, which tells nothing of the passwords in it.
      type: str
      returned: success
      sample: 8f2c….51ab…
    masked_options:
      description: Names of options whose values the installed service calls secret.
      type: list
      elements: str
      returned: success
      sample: [password, transport_url]
problems:
  description: Everything that is wrong with the new contents; nothing was written.
  returned: when the check finds problems
  type: list
  elements: str
  sample:
    - >-
      glance_stores[1].options.filesystem_store_chunk_sise: unknown option of a file store; did you mean
      filesystem_store_chunk_size? (/etc/glance/glance-api.conf line 31)
"""

import os
import re
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._config import (
    earlier,
    holdings,
    login,
    validation,
    verdicts,
)
from ansible_collections.openimage.glance.plugins.module_utils._config import files as state
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import Mask

_MODE = re.compile(r"[0-7]{4}")


def argument_spec() -> dict[str, t.Any]:
    """Options of the module."""

    def attributes(mode: str) -> dict[str, t.Any]:
        return {
            "path": {"type": "path", "required": True},
            "mode": {"type": "str", "default": mode},
            "owner": {"type": "str", "default": "root"},
            "group": {"type": "str", "default": "root"},
        }

    content = {
        "content": {"type": "str", "required": True, "no_log": True},
        "check": {"type": "list", "elements": "str", "default": []},
    }
    validate = {
        "python": {"type": "path", "required": True},
        "files": {"type": "list", "elements": "path", "required": True},
        "stores": {"type": "dict", "default": {}},
        "origins": {"type": "dict", "default": {}},
        "origin": {"type": "str", "default": "glance_api_config"},
        "namespaces": {"type": "list", "elements": "str", "default": []},
        "database": {"type": "str", "no_log": True},
    }
    verdict = {
        "seal": {"type": "str", "required": True},
        "masked_options": {"type": "list", "elements": "str", "default": []},
    }
    return {
        "files": {"type": "list", "elements": "dict", "default": [], "options": {**attributes("0640"), **content}},
        "directories": {"type": "list", "elements": "dict", "default": [], "options": attributes("0750")},
        "absent": {"type": "list", "elements": "path", "default": []},
        "validate": {"type": "dict", "options": validate},
        "validate_when": {"type": "str", "choices": ["changed", "always"], "default": "changed"},
        "verdict": {"type": "dict", "options": verdict},
        "judge_only": {"type": "bool", "default": False},
        "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
    }


def wanted_state(params: dict[str, t.Any]) -> list[state.Wanted]:
    """The options as typed values."""
    wanted: dict[str, state.Wanted] = {}
    for item in [*params["directories"], *params["files"]]:
        path = os.path.normpath(item["path"])
        if not os.path.isabs(path):
            raise state.FilesRefused(f"{item['path']}: the path must be absolute")
        if path in wanted:
            raise state.FilesRefused(f"{path} is given twice")
        if not _MODE.fullmatch(item["mode"]):
            raise state.FilesRefused(f"{path}: mode {item['mode']} is not four octal digits in quotes like '0640'")
        content = item["content"].encode() if "content" in item else None
        wanted[path] = state.Wanted(path, content, int(item["mode"], 8), item["owner"], item["group"])
    return list(wanted.values())


class ConfigFiles:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.mask = Mask(module.params["secrets"])
        self.judge_only: bool = module.params["judge_only"]
        self.wanted = wanted_state(module.params)
        self.changes = state.plan(self.wanted)
        self.surplus = state.surplus(module.params["absent"], self.wanted)
        self.leftovers = state.leftovers(self.wanted)
        self.verdict: dict[str, t.Any] | None = None

    def _run(self, command: list[str], data: bytes) -> tuple[int, str, str]:
        # /dev/null cannot hold the cache of entry points that stevedore would leave in the home directory.
        environment = {"XDG_CACHE_HOME": "/dev/null"}
        return self.module.run_command(command, data=data, binary_data=True, environ_update=environment)

    def _skip(self, reason: str) -> bool:
        """In check mode the service may be missing because an earlier task would have installed it."""
        if self.judge_only:
            # Whoever writes the files is told.
            return False
        if not self.module.check_mode:
            raise state.FilesRefused(f"The configuration cannot be checked: {reason}. Nothing was changed")
        self.module.warn(self.mask.text(f"The configuration was not checked: {reason}"))
        return False

    def validate(self) -> bool:
        """Have the installed service check the contents; whether that was done."""
        options = self.module.params["validate"]
        if not options:
            return False
        contents = {item.path: item.content for item in self.wanted if item.content is not None}
        paths = [os.path.normpath(path) for path in options["files"]]
        strange = [path for path in paths if path not in contents]
        if strange:
            raise state.FilesRefused(f"validate.files names what is not among files: {', '.join(strange)}")
        written = {change.wanted.path for change in self.changes if change.contents_differ()}
        if self.module.params["validate_when"] == "changed" and not written.intersection(paths):
            return False
        python = options["python"]
        if not os.path.exists(python):
            return self._skip(f"{python} does not exist, the service is not installed")
        question = {
            "python": python,
            "files": [(path, contents[path].decode()) for path in paths],
            "stores": options["stores"],
            "namespaces": options["namespaces"],
        }
        if not self._answered(question):
            answer = validation.ask(self._run, **question)
            if answer.missing:
                missing = ", ".join(answer.missing)
                return self._skip(f"{python} does not know {missing}, the service is not installed there")
            self._weigh(question, answer)
        if options["database"] and not self.judge_only:
            self._log_in(python, options["database"])
        if options["database"] and options["stores"]:
            self._keep_images(python, options["database"], options["stores"], paths)
        return True

    def _answered(self, question: dict[str, t.Any]) -> bool:
        """Whether an earlier task has had this very question answered. What it warned of is not said again."""
        verdict = self.module.params["verdict"]
        if not verdict or not earlier.answered(question, verdict["seal"]):
            return False
        self.mask = Mask(self.module.params["secrets"], verdict["masked_options"])
        self.verdict = verdict
        return True

    def _weigh(self, question: dict[str, t.Any], answer: validation.Answer) -> None:
        """Refuse what the service finds wrong, warn of what it only dislikes."""
        options = self.module.params["validate"]
        self.mask = Mask(self.module.params["secrets"], answer.secret_options)
        tolerated = ["driver"] if self.module.check_mode or self.judge_only else []
        verdict = verdicts.judge(answer.findings, options["origins"], options["origin"], tolerated)
        for warning in verdict.warnings:
            self.module.warn(self.mask.text(warning))
        if verdict.problems:
            self._refuse([self.mask.text(problem) for problem in verdict.problems])
        if not any(finding["kind"] in tolerated for finding in answer.findings):
            self.verdict = {"seal": earlier.seal(question), "masked_options": list(answer.secret_options)}

    def _log_in(self, python: str, url: str) -> None:
        """Refuse a configuration whose service would start and then answer 500 to everything."""
        reason = self.mask.text(login.refused(self._run, python, url))
        if reason and self.module.check_mode:
            # An earlier task may have been going to make the account, or to change its password.
            self.module.warn(reason)
        elif reason:
            self.module.fail_json(msg=f"{reason} Nothing was changed.")

    def _keep_images(self, python: str, url: str, stores: dict[str, str], paths: list[str]) -> None:
        """Refuse a configuration that would leave images behind in a store that the service no longer knows."""
        present = {change.wanted.path: change.before for change in self.changes if change.before}
        texts = [(present[path].content or b"").decode(errors="replace") for path in paths if path in present]
        gone = holdings.gone(texts, stores)
        if self.judge_only:
            # The new login may be one that a later task makes.
            url = holdings.login(texts)
        if not gone or not url:
            return
        try:
            images = holdings.held(self._run, python, url, gone)
        except login.ServiceSilentError as error:
            dropped = ", ".join(store.id for store in gone)
            reason = f"whether the stores that are dropped ({dropped}) still hold images is not known: {error}"
            self._skip(reason)
            return
        problems = holdings.refusals(gone, images)
        if problems:
            self._refuse(problems, "The new configuration would leave images behind")

    def judge(self) -> None:
        """Have each changed file judged by its own command."""
        commands = {os.path.normpath(item["path"]): item["check"] for item in self.module.params["files"]}
        for change in self.changes:
            path, command = change.wanted.path, commands.get(change.wanted.path)
            if not command or change.wanted.content is None or not change.contents_differ():
                continue
            if self.module.check_mode and not os.path.exists(command[0]):
                self.module.warn(f"{path} was not checked: {command[0]} does not exist")
                continue
            # Made for its owner only.
            descriptor, copy = tempfile.mkstemp(prefix="config_files-")
            with open(descriptor, "wb") as file:
                file.write(change.wanted.content)
            try:
                code, output, errors = self.module.run_command([*command, copy])
            finally:
                os.unlink(copy)
            if code != 0:
                said = self.mask.text((errors or output).strip().replace(copy, path))
                raise state.FilesRefused(
                    f"{path}: {' '.join(command)} refuses the content: {said}. Nothing was changed"
                )

    def _refuse(self, problems: list[str], what: str = "The installed service refuses the new configuration") -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "\n".join(f"  - {problem}" for problem in problems)
        self.module.fail_json(msg=f"{what}, {count}; nothing was changed:\n{lines}", problems=problems)

    def diff(self) -> list[dict[str, str]]:
        """What changes, per path, without secrets."""
        shown = []
        for change in self.changes:
            path, before = change.wanted.path, change.before
            attributes = [
                (f"-{name}: {old}\n" if old else "") + f"+{name}: {new}\n" for name, old, new in change.attributes()
            ]
            text = "".join(attributes)
            if change.wanted.content is not None and change.contents_differ():
                old = before.content.decode(errors="replace") if before and before.content else ""
                text += self.mask.diff(path, old, change.wanted.content.decode())
            # The content itself is no_log: only a ready-made diff survives Ansible's own masking.
            shown.append({"prepared": f"{path}\n{text}"})
        return [*shown, *({"prepared": f"{path}\n-file\n"} for path in self.surplus)]

    def run(self) -> dict[str, t.Any]:
        """Check, then change; the result."""
        validated = self.validate()
        self.judge()
        removed = [*self.leftovers, *self.surplus]
        if not self.module.check_mode and not self.judge_only:
            state.apply(self.changes, removed)
        paths = [change.wanted.path for change in self.changes]
        result = {"changed_paths": paths, "removed": removed, "validated": validated, "judged": self.judge_only}
        if self.verdict:
            result["verdict"] = self.verdict
        if self.judge_only:
            return {"changed": False, **result}
        return {"changed": bool(paths or removed), **result, "diff": self.diff()}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    mask = Mask(module.params["secrets"])
    try:
        result = ConfigFiles(module).run()
    except (state.FilesRefused, validation.ProbeFailed) as error:
        module.fail_json(msg=mask.text(str(error)))
    module.exit_json(**result)


if __name__ == "__main__":
    main()

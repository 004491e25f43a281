# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts Glance's side and carries a plan through. PRIVATE to the collection.

Of the object called ``module`` only ``run_command`` is used.
"""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._schema import (
    child_side,
    config_side,
    errors,
    glance_side,
    metadefs_side,
    quick_side,
    state_side,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.model import (
    GLANCE_TABLES,
    Plan,
    State,
    Step,
    heal,
    sentences,
    state_from,
)

Reply = dict[str, Any]
# What travels to Glance's interpreter, in the order in which they import each other.
SIDES = (config_side, child_side, metadefs_side, state_side, glance_side, quick_side)
HEALINGS = 6
"""How often a failed migration may make way for itself: more than any one revision makes tables."""


class SchemaError(Exception):
    """What the operator must know; ``not_yet`` when a fresh host would say the same before its first real run."""

    def __init__(self, message: str, not_yet: bool = False, actions: tuple[str, ...] = (), output: str = "") -> None:
        super().__init__(message)
        self.not_yet = not_yet
        self.actions = list(actions)
        self.output = output


@dataclass(frozen=True)
class Settings:
    """The module's options that Glance's side needs."""

    python: str
    config_dir: str
    user: str
    state_file: str
    load_metadefs: bool
    metadefs_path: str
    lock_timeout: int
    look_timeout: int = 120
    """Seconds for reading the schema, which ends a database that takes connections and does not answer."""
    check_mode: bool = False

    def request(self, steps: list[Step]) -> dict[str, Any]:
        """Return the request document."""
        files = [os.path.join(self.config_dir, name) for name in ("glance-image-import.conf", "glance-api.conf")]
        folders = [os.path.join(self.config_dir, name) for name in ("glance.conf.d", "glance-api.conf.d")]
        return {
            "files": [path for path in files if os.path.exists(path)],
            "dirs": [path for path in folders if os.path.isdir(path)],
            "metadefs": self.load_metadefs,
            "metadefs_path": self.metadefs_path,
            "state_file": self.state_file,
            "lock_timeout": self.lock_timeout,
            "look_timeout": self.look_timeout,
            "tables": sorted(GLANCE_TABLES),
            "may_note": not self.check_mode,
            "steps": steps,
        }


class Runner:
    """Asks and orders through one interpreter start each."""

    def __init__(self, module: Any, settings: Settings) -> None:
        self.module = module
        self.settings = settings
        self.release = ""
        self.place = ""

    def look(self) -> State:
        """Return the state of schema and definitions."""
        self._ready()
        reply = self._start([])
        self._raise_trouble(reply, "Asking 'glance-manage db check'", ())
        self.place = errors.place(reply["where"])
        return state_from(reply["state"])

    def carry_out(self, plan: Plan) -> tuple[list[str], State]:
        """Do the plan; return what was done and the state after it."""
        pending, actions = list(plan.steps), []
        for _attempt in range(HEALINGS):
            reply = self._start(pending)
            done = [step for step, result in zip(pending, reply.get("steps", [])) if not result["rc"]]
            actions += sentences(done)
            pending = pending[len(done) :]
            if not pending:
                self._raise_trouble(reply, "Asking 'glance-manage db check' again", tuple(actions))
                return actions, state_from(reply["state"])
            pending = self._way(reply, pending, tuple(actions)) + pending
        raise SchemaError(
            f"Gave up after making way for {HEALINGS} interrupted migrations: {'; '.join(actions)}.",
            actions=tuple(actions),
        )

    def _way(self, reply: Reply, pending: list[Step], actions: tuple[str, ...]) -> list[Step]:
        """Return the steps that make way for a failed one, or raise."""
        step = pending[0]
        doing = f"Running 'glance-manage {' '.join(step['words'])}'" if step["do"] == "run" else _DOING[step["do"]]
        if len(reply.get("steps", [])) == 0:  # it did not come to the first step
            self._raise_trouble(reply, doing, actions)
        output = reply["steps"][-1]["output"]
        if step["do"] == "run" and step["words"][1] != "load_metadefs" and "state" in reply:
            state = state_from(reply["state"])
            if errors.find(output).code in errors.LEFT_BEHIND:
                steps = heal(state, errors.table_in_the_way(output)).steps
                if steps:
                    return steps
                message = errors.explain_left_behind(doing, output, reply["where"], state.heads, state.used)
                raise SchemaError(message, actions=actions, output=output)
        raise SchemaError(errors.explain(doing, output, reply["where"]), actions=actions, output=output)

    def _ready(self) -> None:
        """Raise when there is no Glance, user or configuration yet."""
        config = os.path.join(self.settings.config_dir, "glance-api.conf")
        for path, what, todo in (
            (self.settings.python, "Glance's interpreter", "install Glance first, or correct 'python'"),
            (config, "Glance's configuration", "write it first, or correct 'config_dir'"),
        ):
            if not os.path.exists(path):
                raise SchemaError(f"{what} {path} does not exist. To do: {todo}.", not_yet=True)
        try:
            pwd.getpwnam(self.settings.user)
        except KeyError:
            message = f"The system user '{self.settings.user}' does not exist. To do: install Glance first."
            raise SchemaError(message, not_yet=True) from None

    def command(self) -> list[str]:
        """Return the command that starts Glance's side as the service's user."""
        python = _travel.command(self.settings.python)
        if os.geteuid() == 0:
            user = self.settings.user
            group = str(pwd.getpwnam(user).pw_gid)
            return ["setpriv", "--reuid", user, "--regid", group, "--init-groups", "--", *python]
        if os.geteuid() != pwd.getpwnam(self.settings.user).pw_uid:
            raise SchemaError(f"Must run as root or as user '{self.settings.user}'. To do: set become to true.")
        return python

    def _start(self, steps: list[Step]) -> Reply:
        """Run Glance's side once."""
        luggage = _travel.luggage(SIDES, self.settings.request(steps))
        code, output, error = self.module.run_command(self.command(), data=luggage, binary_data=True, cwd="/")
        if code:
            python, said = self.settings.python, errors.last_line(error or output)
            todo = f"try '{python} -c \"import glance\"' as user {self.settings.user}"
            message = f"Glance's interpreter {python} failed (exit code {code}): {said}. To do: {todo}."
            raise SchemaError(message, output=error[-2000:])
        reply: Reply = json.loads(output.splitlines()[-1])
        self.release = reply.get("release", "")
        return reply

    def _raise_trouble(self, reply: Reply, doing: str, actions: tuple[str, ...]) -> None:
        """Raise what Glance's side could not get over."""
        if "trouble" not in reply:
            return
        kind, text = reply["trouble"]["kind"], reply["trouble"]["text"]
        if kind == "database":
            not_yet = errors.find(text).code in errors.NOT_YET
            raise SchemaError(errors.explain(doing, text, reply["where"]), not_yet, actions, text)
        message, todo, not_yet = _TROUBLES[kind]
        said = " ".join(text.split())
        raise SchemaError(f"{message.format(said=said, user=self.settings.user)}. To do: {todo}.", not_yet, actions)


_DOING = {
    "drop": "Removing the empty tables of an interrupted run",
    "remember": "Checking the metadata definitions after loading them",
    "forget": "Clearing the marker of loaded metadata definitions",
}
_TROUBLES = {
    "import": (
        "Glance is not installed for this interpreter: {said}",
        "install Glance first, or correct 'python'",
        True,
    ),
    "config": ("Glance cannot read its configuration: {said}", "correct the file named", False),
    "unset": ("Glance's configuration names no usable database: {said}", "set it in glance-api.conf", True),
    "metadefs": (
        "Cannot read the release's metadata definitions: {said}",
        "correct 'metadefs_path', or set 'load_metadefs' to false",
        False,
    ),
    "state": (
        "Cannot use the state file as user '{user}': {said}",
        "let its directory belong to that user (0750), or correct 'state_file'",
        False,
    ),
    "busy": (
        "Another run is still changing the schema from this host: {said}",
        "wait for it; 'fuser' on that file names its process",
        False,
    ),
}

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Runs several keystone-manage commands in one process of Keystone's own Python, as Keystone's own user.

Most of the time of a keystone-manage command goes into importing Keystone (1.5 s of 2). This imports it once and forks
for each command, in which everything is as if keystone-manage had been started: same arguments, same entry point.

That Python gets the source of this file, followed by a call of :func:`main`; it must not import anything but the
standard library at its top. Passwords come in the environment, never as arguments.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from typing import Any, Callable

# What a step may look like:
# {"name": "db_sync", "argv": ["db_sync"], "fine": [0], "unless": "schema_check", "needs": "…"}
#   argv: arguments of keystone-manage; without it, the step asks whether the administrator can log in
#   fine: exit statuses after which the next steps are taken, [0] when omitted
#   unless: leave the step out when that earlier step ended with 0
#   needs: leave the step out unless that earlier step ended with 0
Step = dict[str, Any]
TOKEN_PATH = "/v3/auth/tokens"


def token_request(environment: Any) -> dict[str, Any]:
    """Return the body of the administrator's login."""
    domain = {"id": "default"}
    user = {
        "name": environment["OS_BOOTSTRAP_USERNAME"],
        "domain": domain,
        "password": environment["OS_BOOTSTRAP_PASSWORD"],
    }
    project = {"name": environment["OS_BOOTSTRAP_PROJECT_NAME"], "domain": domain}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": project}}}


def judge(status: int, body: Any, environment: Any) -> list[str]:
    """Return what a bootstrap would have to put right, given Keystone's answer to the administrator's login."""
    user = environment["OS_BOOTSTRAP_USERNAME"]
    if status == 401:
        return [f"the login of user '{user}' is refused"]
    if status != 201:
        return [f"the login of user '{user}' ended with HTTP {status}"]
    region = environment["OS_BOOTSTRAP_REGION_ID"]
    found = {
        endpoint["interface"]: endpoint["url"]
        for service in body["token"].get("catalog", [])
        if service["type"] == "identity"
        for endpoint in service["endpoints"]
        if endpoint.get("region_id") == region
    }
    reasons = []
    for interface in ("public", "internal", "admin"):
        url = environment[f"OS_BOOTSTRAP_{interface.upper()}_URL"]
        if interface not in found:
            reasons.append(f"there is no {interface} endpoint of Keystone in region '{region}'")
        elif found[interface] != url:
            reasons.append(f"the {interface} endpoint of Keystone is {found[interface]} and not {url}")
    return reasons


def main(steps: list[Step]) -> None:
    """Run the steps and print their results as the last line of the output."""
    manage = importlib.import_module("keystone.cmd.manage").main
    results: dict[str, dict[str, Any]] = {}
    for step in steps:
        if _applies(step, results):
            started = time.monotonic()
            command = _command(step, manage)
            result = _in_child(command)
            result["seconds"] = round(time.monotonic() - started, 2)
            results[step["name"]] = result
            if result["rc"] not in step.get("fine", [0]):
                break
    sys.stdout.write("\n" + json.dumps(results) + "\n")


def _applies(step: Step, results: dict[str, dict[str, Any]]) -> bool:
    def succeeded(name: str) -> bool:
        return name in results and results[name]["rc"] == 0

    unless, needs = step.get("unless"), step.get("needs")
    return not (unless and succeeded(unless)) and not (needs and not succeeded(needs))


def _command(step: Step, manage: Callable[[], object]) -> Callable[[], object]:
    def call() -> object:
        sys.argv = ["keystone-manage", *step["argv"]]
        return manage()

    return call if "argv" in step else _ask_login


def _ask_login() -> int:
    """Ask Keystone's application itself, for when nothing serves it. Prints the reasons for a bootstrap."""
    sys.argv = ["keystone"]
    application = importlib.import_module("keystone.server.wsgi").initialize_public_application()
    blank = importlib.import_module("webob").Request.blank
    request = blank(TOKEN_PATH, method="POST", content_type="application/json")
    request.body = json.dumps(token_request(os.environ)).encode()
    answer = request.get_response(application)
    if answer.status_int >= 500:
        sys.stdout.write(f"{answer.status}: {answer.text}\n")
        return 2
    body = json.loads(answer.text) if answer.text else {}
    reasons = judge(answer.status_int, body, os.environ)
    sys.stdout.write(json.dumps(reasons))
    return 1 if reasons else 0


def _in_child(command: Callable[[], object]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _be_child(command, output.fileno())
        status = os.waitpid(child, 0)[1]
        output.seek(0)
        text = output.read().decode(errors="replace")
    rc = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    return {"rc": rc, "output": text[-4000:]}


def _be_child(command: Callable[[], object], output: int) -> None:
    """Run the command and end; whatever happens, a child must not return into the parent's code."""
    rc = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = command()
        rc = code if isinstance(code, int) else 0
    except SystemExit as end:
        rc = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - becomes the step's output and exit status, as in a process of its own
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(rc)

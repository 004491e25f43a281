#!/usr/bin/env python3
"""Upload and download through the API that the playbook deploys, and through the same Glance configured by hand.

By hand means the distribution's own unit and uWSGI settings with the few options that the guides name. Both
run on one host, one at a time, with the same database and Keystone and on the same storage; the client is the same too.
What is compared is what the two hosts' configurations make of the same machine: look at the ratios.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from labhost import CHECKOUT, LabError, LabHost, control, run, say

STATE = CHECKOUT / ".cache/throughput"
MIB = 1024 * 1024
LEAST = 0.8
# What the guides write into the section of the store, besides the logins that both configurations share.
BY_HAND = {
    "file": "[glance_store]\nstores = file,http\ndefault_store = file\n"
    "filesystem_store_datadir = /var/lib/glance/images/\n",
    "rbd": "[DEFAULT]\nenabled_backends = default_backend:rbd\n[glance_store]\ndefault_backend = default_backend\n"
    "[default_backend]\nrbd_store_ceph_conf = /etc/ceph/ceph.conf\nrbd_store_pool = images\n"
    "rbd_store_user = openstack\n",
}


class Glance:
    """The image API of the host, whoever configured it."""

    def __init__(self, host: LabHost) -> None:
        self.address = host.address
        self.token = self._log_in(host)

    def _log_in(self, host: LabHost) -> str:
        words = dict(line.split(": ", 1) for line in (host.state / "site.yml").read_text().splitlines() if ": " in line)
        domain = {"id": "default"}
        user = {"name": "admin", "domain": domain, "password": words["admin_password"]}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": "admin", "domain": domain}}
        connection = http.client.HTTPConnection(self.address, 5000, timeout=60)
        body = json.dumps({"auth": {"identity": identity, "scope": scope}})
        connection.request("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 201:
            raise LabError(f"Keystone on {self.address} refused the login: HTTP {answer.status}")
        return str(answer.headers["X-Subject-Token"])

    def request(
        self, method: str, path: str, wanted: int, body: Any = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Return an answer of the expected status."""
        connection = http.client.HTTPConnection(self.address, 9292, timeout=600)
        given = {"X-Auth-Token": self.token, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        if answer.status != wanted:
            raise LabError(f"{method} {path}: HTTP {answer.status} {answer.read()[:500]!r}")
        return answer

    def ready(self) -> None:
        """Wait until it answers."""
        for _ in range(2400):  # ten minutes
            try:
                self.request("GET", "/v2/images?limit=1", 200).read()
                return
            except (OSError, http.client.HTTPException, LabError):
                time.sleep(0.25)
        raise LabError(f"Glance on {self.address} does not answer.")

    def measure(self, size: int) -> tuple[float, float]:
        """Return MiB per second of an upload and of its download."""
        record = json.dumps({"name": "throughput", "disk_format": "raw", "container_format": "bare"})
        image = json.load(self.request("POST", "/v2/images", 201, record, Content_Type="application/json"))["id"]
        path = f"/v2/images/{image}"
        block = os.urandom(MIB)

        def blocks() -> Iterator[bytes]:
            for _ in range(size):
                yield block

        began = time.monotonic()
        length = {"Content_Length": str(size * MIB), "Content_Type": "application/octet-stream"}
        self.request("PUT", f"{path}/file", 204, blocks(), **length).read()
        up = size / (time.monotonic() - began)
        began = time.monotonic()
        answer, count = self.request("GET", f"{path}/file", 200), 0
        while piece := answer.read(MIB):
            count += len(piece)
        down = size / (time.monotonic() - began)
        if count != size * MIB:
            raise LabError(f"{count} bytes came back for {size * MIB}")
        self.request("DELETE", path, 204).read()
        return up, down


def with_cluster(host: LabHost) -> dict[str, Any]:
    """Make a Ceph cluster beside the host; return the variables of a site whose only store is there."""
    name, playbook = f"{host.name}-ceph", CHECKOUT / "molecule/shared/ceph/clusters.yml"
    lab = {"LAB_STATE": str(host.state), "LAB_NETWORK": host.name}
    run(CHECKOUT / "scripts/lab.sh", "up", name, "debian12-ceph", **lab)
    inventory = host.state / "ceph-inventory"
    inventory.mkdir(exist_ok=True)
    hosts = run(CHECKOUT / "scripts/lab.sh", "inventory", name, **lab)
    (inventory / "hosts.yml").write_text(hosts.replace("all:", "ceph:", 1) + "\n")
    (inventory / "group_vars").unlink(missing_ok=True)
    (inventory / "group_vars").symlink_to(CHECKOUT / "molecule/shared/group_vars")
    run(control() / "ansible-playbook", "-i", inventory, playbook, MOLECULE_EPHEMERAL_DIRECTORY=str(host.state))
    login = {"ceph_conf": str(host.state / f"ceph/{name}.conf"), "keyring": str(host.state / f"ceph/{name}.keyring")}
    return {"glance_stores": [{"id": "ceph", "type": "rbd", "default": True, "user": "openstack", **login}]}


@contextmanager
def by_hand(host: LabHost, store: str) -> Iterator[None]:
    """Run the distribution's own unit on the guide's configuration instead of ours; ours is not touched."""
    common = "/^\\[(database|keystone_authtoken)\\]/,/^$/"
    rest = f"[paste_deploy]\nflavor = keystone\n{BY_HAND[store]}"
    host.shell(
        "systemctl stop glance-api; umask 027; mkdir -p /root/by-hand;"
        f" {{ sed -nE '{common}p' /etc/glance/glance-api.conf; printf '%s' '{rest}'; }} >/root/by-hand/glance-api.conf;"
        " chgrp glance /root/by-hand/glance-api.conf;"
        " systemd-run --quiet --unit glance-by-hand --property User=glance --property WorkingDirectory=/var/lib/glance"
        " --property BindReadOnlyPaths=/root/by-hand/glance-api.conf:/etc/glance/glance-api.conf"
        " --property RuntimeDirectory=glance /etc/init.d/glance-api systemd-start"
    )
    try:
        yield
    finally:
        host.shell("systemctl stop glance-by-hand; systemctl start glance-api")


def verdict(medians: dict[str, float]) -> tuple[int, str]:
    """Return the exit status and a sentence for the median ratios of the ways that bytes went."""
    figures = ", ".join(f"{way} {ratio:.2f}" for way, ratio in medians.items())
    slow = [way for way, ratio in medians.items() if ratio < LEAST]
    found = f"{' and '.join(slow)} too slow" if slow else "good"
    return int(bool(slow)), f"median ratio: {figures} (at least {LEAST:g} of by hand): {found}"


def main() -> int:
    """Return the exit status: 0 when all transfers worked and were quick enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=4, help="pairs of transfers (4)")
    parser.add_argument("--store", choices=sorted(BY_HAND), default="file", help="type of the store (file)")
    parser.add_argument("--size", type=int, default=1024, metavar="MIB", help="size of the image (1024)")
    parser.add_argument("--os", default="debian13", help="debian13 or debian12")
    wanted = parser.parse_args()

    host = LabHost("glance-throughput", wanted.os, STATE)
    host.make()
    site = {**(with_cluster(host) if wanted.store == "rbd" else {}), "glance_images": []}
    if not host.deploy("playbook.log", "-e", json.dumps(site)).succeeded:
        raise LabError(f"The playbook failed; its output is in {host.state}.")
    glance = Glance(host)
    ratios: list[tuple[float, float]] = []
    say("round      up: by hand  playbook  ratio     down: by hand  playbook  ratio   (MiB/s)")
    for number in range(1, wanted.rounds + 1):
        measured: dict[str, tuple[float, float]] = {}
        # By turns: what comes second finds the machine as the first has left it.
        for who in ("hand", "playbook") if number % 2 else ("playbook", "hand"):
            with by_hand(host, wanted.store) if who == "hand" else nullcontext():
                glance.ready()
                measured[who] = glance.measure(wanted.size)
        hand, ours = measured["hand"], measured["playbook"]
        up, down = ours[0] / hand[0], ours[1] / hand[1]
        ratios.append((up, down))
        figures = f"{hand[0]:11.0f} {ours[0]:9.0f} {up:6.2f} {hand[1]:18.0f} {ours[1]:9.0f} {down:6.2f}"
        say(f"{number:5} {figures}")
    ways = dict(zip(("upload", "download"), zip(*ratios)))
    status, sentence = verdict({way: statistics.median(found) for way, found in ways.items()})
    say(sentence)
    run(CHECKOUT / "scripts/lab.sh", "down", host.name, f"{host.name}-ceph", LAB_NETWORK=host.name)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LabError as failure:
        say(f"{failure}\nThe host is kept for looking into it.")
        sys.exit(1)

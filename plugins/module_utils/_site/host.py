# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one host makes of release and install method: refused with reasons, or a plan of what is installed and run.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import (
    HOSTS,
    VENV_RELEASES,
    Host,
    combination,
    method_name,
    release_name,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.defaults import check_defaults
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import absolute
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import read_entries
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, shown
from ansible_collections.openimage.glance.plugins.module_utils._venv import MARKER

# The oldest Python that the collection's modules run on.
OLDEST_PYTHON = (3, 9)
# PyPI has wheels for these of everything in the lock files; elsewhere a compiler would be needed.
WHEEL_ARCHITECTURES = ("x86_64", "aarch64")

VENV_DIRECTORY = "/opt/glance"

# What uWSGI loads where the release's own application would hang now and then; the file tells why.
OWN_APPLICATION = "/etc/glance/wsgi.py"
NEEDS_OWN_APPLICATION = ("zed",)

_COMMON_PACKAGES = ("qemu-utils", "uwsgi-core", "uwsgi-plugin-python3")


@dataclass(frozen=True)
class InstallPlan:
    """What is installed on a host, and what is run there."""

    release: str
    method: str
    # Glance's interpreter.
    python: str
    glance_manage: str
    # The virtual environment, or "".
    venv: str
    # Debian packages.
    packages: list[str]
    metadefs_path: str
    # The release's own paste pipeline.
    paste_source: str
    # The uWSGI option that loads the application.
    uwsgi: dict[str, str] = field(default_factory=dict)
    # File name of the lock file, or "".
    lock: str = ""
    # A file that is newer than a running Glance if another version was installed since it started.
    installed_marker: str = ""


def _packages(release: str) -> InstallPlan:
    return InstallPlan(
        release=release,
        method="package",
        python="/usr/bin/python3",
        glance_manage="/usr/bin/glance-manage",
        venv="",
        packages=["glance-api", *_COMMON_PACKAGES, "python3-memcache", "python3-pymysql"],
        # Not the copies in /etc/glance: those keep an older release's definitions after an upgrade.
        metadefs_path="/usr/share/glance-common/metadefs",
        paste_source="/usr/share/glance-common/glance-api-paste.ini",
        # Debian's 30.0 has no glance.wsgi yet, and PyPI's 32 no script any more.
        uwsgi={"wsgi_file": OWN_APPLICATION if release in NEEDS_OWN_APPLICATION else "/usr/bin/glance-wsgi-api"},
        installed_marker="/var/lib/dpkg/info/python3-glance.list",
    )


def _venv(release: str, directory: str) -> InstallPlan:
    home = f"{directory}/{release}"
    return InstallPlan(
        release=release,
        method="venv",
        python=f"{home}/bin/python",
        glance_manage=f"{home}/bin/glance-manage",
        venv=home,
        packages=["python3-venv", *_COMMON_PACKAGES],
        metadefs_path=f"{home}/etc/glance/metadefs",
        paste_source=f"{home}/etc/glance/glance-api-paste.ini",
        uwsgi={"module": "glance.wsgi.api:application"},
        lock=f"glance-{release}.txt",
        installed_marker=f"{home}/{MARKER}",
    )


def _host(facts: Mapping[str, Any]) -> Host:
    distribution, major = facts.get("distribution"), facts.get("distribution_major_version")
    if not distribution or not major:
        raise Wrong(
            "is not known", "gather the facts distribution, distribution_major_version, python_version, architecture"
        )
    for host in HOSTS:
        if (host.distribution, host.major) == (str(distribution), str(major)):
            return host
    names = " or ".join(host.name for host in HOSTS)
    raise Wrong(f"{shown(f'{distribution} {major}')} is not supported", f"use {names}")


def _python(facts: Mapping[str, Any]) -> None:
    version = facts.get("python_version")
    numbers = str(version).split(".") if version else []
    if len(numbers) < 2 or not all(number.isdecimal() and len(number) < 4 for number in numbers[:2]):
        raise Wrong(f"is {shown(version)}", "gather the fact python_version")
    if (int(numbers[0]), int(numbers[1])) < OLDEST_PYTHON:
        oldest = ".".join(str(number) for number in OLDEST_PYTHON)
        raise Wrong(f"is {version}", f"set ansible_python_interpreter to a Python {oldest} or later")


def _wheels(facts: Mapping[str, Any]) -> None:
    architecture = facts.get("architecture")
    if architecture not in WHEEL_ARCHITECTURES:
        raise Wrong(
            f"is {shown(architecture)}, for which PyPI lacks wheels of what Glance needs",
            f"use {' or '.join(WHEEL_ARCHITECTURES)}, or the host's packages",
        )


def _method(host: Host, release: str, method: str) -> str:
    """Return the method by which a host gets a release."""
    impossible = combination(release, method)
    if impossible:
        raise impossible
    if release == host.release and method != "venv":
        return "package"
    if method == "package":
        otherwise = "write venv or leave it empty, or" if release in VENV_RELEASES else "leave it empty and"
        raise Wrong(
            f"{host.name} has packages of {host.release}, not of {release}",
            f"{otherwise} set glance_release to {host.release}",
        )
    if release not in VENV_RELEASES:
        raise Wrong(
            f"is empty, but {release} has no packages on {host.name} and is not installed from PyPI",
            f"set glance_release to one of {', '.join(sorted({host.release, *VENV_RELEASES}))}",
        )
    return "venv"


def decide(
    facts: Any, release: Any = "", method: Any = "", venv_directory: Any = VENV_DIRECTORY
) -> tuple[InstallPlan | None, list[Problem]]:
    """Return what is installed and run on the host that has these facts, or None and the reasons.

    :param facts: Ansible's facts: distribution, distribution_major_version, python_version, architecture.
    :param release: what the operator wrote as glance_release.
    :param method: what the operator wrote as glance_install_method.
    :param venv_directory: what the operator wrote as glance_venv_directory.
    """
    known: Mapping[str, Any] = facts if isinstance(facts, Mapping) else {}
    problems: list[Problem] = []

    def ask(path: str, question: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return question(*arguments)
        except Wrong as error:
            problems.append(error.at(path))
            return None

    host = ask("ansible_facts.distribution", _host, known)
    ask("ansible_facts.python_version", _python, known)
    name = ask("glance_release", release_name, release)
    wanted = ask("glance_install_method", method_name, method)
    directory = ask("glance_venv_directory", absolute, venv_directory)
    if host is None or name is None or wanted is None:
        return None, problems
    name = name or host.release
    found = ask("glance_install_method", _method, host, name, wanted)
    if found == "venv":
        ask("ansible_facts.architecture", _wheels, known)
    if problems:
        return None, problems
    return _venv(name, directory) if found == "venv" else _packages(name), []


def _problems(stores: Any, release: str, defaults: Any) -> list[Problem]:
    entries = read_entries(stores, release)
    problems = [problem for entry in entries for problem in entry.problems]
    return [*problems, *check_defaults(defaults, entries, release)[1]]


def _lab_problems(facts: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for path, question in (("ansible_facts.distribution", _host), ("ansible_facts.python_version", _python)):
        try:
            question(facts)
        except Wrong as error:
            problems.append(error.at(path))
    return problems


def host_problems(
    facts: Any, release: Any = "", method: Any = "", stores: Any = (), defaults: Any = None, lab_only: bool = False
) -> list[Problem]:
    """Return why a host cannot run what the inventory asks for; of lab services without an API that is not much.

    Of the stores only what the host's release decides is told: the rest is wrong for every host, and reported once.
    """
    if lab_only:
        return _lab_problems(facts if isinstance(facts, Mapping) else {})
    plan, problems = decide(facts, release, method)
    if plan is None:
        return problems
    anyway, here = _problems(stores, "", defaults), _problems(stores, plan.release, defaults)
    return [problem for problem in here if problem not in anyway]

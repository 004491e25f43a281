# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan what is installed and run on one host, or refuse the host with reasons.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import (
    VENV_RELEASES,
    combination,
    from_pypi,
    method_name,
    oldest_python,
    release_name,
)
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import SYSTEMS, System, find
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

# The application of the role api, for releases whose own one hangs under uWSGI; the file says why.
OWN_APPLICATION = "/etc/glance/wsgi.py"
NEEDS_OWN_APPLICATION = ("zed",)


@dataclass(frozen=True)
class InstallPlan:
    """What is installed on a host, and what is run there."""

    release: str
    method: str
    # Glance's interpreter, and the one that virtual environments are made with.
    python: str
    system_python: str
    glance_manage: str
    # The virtual environment, or "".
    venv: str
    # Packages of the distribution.
    packages: list[str]
    # What stores need of the host -> the package that has it.
    store_packages: dict[str, str]
    # The number of the service user and its group, where the collection makes them.
    account_id: int
    metadefs_path: str
    # The release's own paste pipeline.
    paste_source: str
    # The program, the plugins that it loads, and the option that loads the application.
    uwsgi: dict[str, str] = field(default_factory=dict)
    # File name of the lock file, or "".
    lock: str = ""
    # A file that is newer than a running Glance if another version was installed since it started.
    installed_marker: str = ""


def _packages(system: System, release: str) -> InstallPlan:
    glance, uwsgi = system.glance, system.uwsgi
    application = OWN_APPLICATION if release in NEEDS_OWN_APPLICATION else glance.application
    return InstallPlan(
        release=release,
        method="package",
        python=system.interpreter,
        system_python=system.interpreter,
        glance_manage=glance.manage,
        venv="",
        packages=[*glance.packages, *uwsgi.packages],
        store_packages=dict(system.store_packages),
        account_id=system.account_id,
        metadefs_path=glance.metadefs_path,
        paste_source=glance.paste_source,
        uwsgi={"program": uwsgi.program, "plugins": uwsgi.plugins, "wsgi_file": application},
        installed_marker=glance.installed_marker,
    )


def _venv(system: System, release: str, directory: str) -> InstallPlan:
    home, uwsgi = f"{directory}/{release}", system.uwsgi
    return InstallPlan(
        release=release,
        method="venv",
        python=f"{home}/bin/python",
        system_python=system.interpreter,
        glance_manage=f"{home}/bin/glance-manage",
        venv=home,
        packages=[*system.venv_packages, *uwsgi.packages],
        store_packages=dict(system.store_packages),
        account_id=system.account_id,
        metadefs_path=f"{home}/etc/glance/metadefs",
        paste_source=f"{home}/etc/glance/glance-api-paste.ini",
        uwsgi={"program": uwsgi.program, "plugins": uwsgi.plugins, "module": "glance.wsgi.api:application"},
        lock=f"glance-{release}.txt",
        installed_marker=f"{home}/{MARKER}",
    )


def system_of(facts: Mapping[str, Any]) -> System:
    """Return the row of the host's system, or refuse a system that has none."""
    distribution = facts.get("distribution")
    version = facts.get("distribution_version") or facts.get("distribution_major_version")
    if not distribution or not version:
        raise Wrong(
            "is not known",
            "gather the facts distribution, distribution_version, distribution_major_version, python_version, "
            "architecture",
        )
    system = find(facts)
    if system is None:
        names = [row.name for row in SYSTEMS]
        raise Wrong(
            f"{shown(f'{distribution} {version}')} is not supported", f"use {', '.join(names[:-1])} or {names[-1]}"
        )
    return system


def _python(facts: Mapping[str, Any]) -> None:
    version = facts.get("python_version")
    numbers = str(version).split(".") if version else []
    if len(numbers) < 2 or not all(number.isdecimal() and len(number) < 4 for number in numbers[:2]):
        raise Wrong(f"is {shown(version)}", "gather the fact python_version")
    if (int(numbers[0]), int(numbers[1])) < OLDEST_PYTHON:
        raise Wrong(f"is {version}", f"set ansible_python_interpreter to a Python {_dotted(OLDEST_PYTHON)} or later")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(str(number) for number in version)


def _wheels(facts: Mapping[str, Any]) -> None:
    architecture = facts.get("architecture")
    if architecture not in WHEEL_ARCHITECTURES:
        raise Wrong(
            f"is {shown(architecture)}, for which PyPI lacks wheels of what Glance needs",
            f"use {' or '.join(WHEEL_ARCHITECTURES)}, or the host's packages",
        )


def _release(system: System, release: str) -> str:
    """Return the release that a host gets: what was asked for, or that of its packages."""
    if not release and not system.packaged_release:
        raise Wrong(
            f"is empty, and on {system.name} Glance is installed from PyPI only",
            f"write one of {', '.join(from_pypi(system))}",
        )
    return release or system.packaged_release


def _method(system: System, release: str, method: str) -> str:
    """Return the method by which a host gets a release."""
    impossible = combination(release, method, from_pypi(system))
    if impossible:
        raise impossible
    if release == system.packaged_release and method != "venv":
        return "package"
    if method == "package" and not system.packaged_release:
        raise Wrong(f"on {system.name} Glance is installed from PyPI only", "write venv or leave it empty")
    if method == "package":
        otherwise = "write venv or leave it empty, or" if release in VENV_RELEASES else "leave it empty and"
        raise Wrong(
            f"{system.name} has packages of {system.packaged_release}, not of {release}",
            f"{otherwise} set glance_release to {system.packaged_release}",
        )
    if release not in VENV_RELEASES:
        choices = sorted({system.packaged_release, *from_pypi(system)} - {""})
        raise Wrong(
            f"is empty, but {release} has no packages on {system.name} and is not installed from PyPI",
            f"set glance_release to one of {', '.join(choices)}",
        )
    return "venv"


def _venv_python(system: System, release: str) -> None:
    """Refuse a release whose lock file does not cover the Python that virtual environments are made with."""
    oldest = oldest_python(release)
    if system.python < oldest:
        raise Wrong(
            f"{release} needs Python {_dotted(oldest)} or later, and {system.name} has {_dotted(system.python)}",
            f"write one of {', '.join(from_pypi(system))}, or use another system",
        )


def decide(
    facts: Any, release: Any = "", method: Any = "", venv_directory: Any = VENV_DIRECTORY
) -> tuple[InstallPlan | None, list[Problem]]:
    """Return what is installed and run on the host that has these facts, or None and the reasons.

    :param facts: Ansible's facts: distribution, distribution_version, python_version, architecture.
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

    system = ask("ansible_facts.distribution", system_of, known)
    ask("ansible_facts.python_version", _python, known)
    name = ask("glance_release", release_name, release)
    wanted = ask("glance_install_method", method_name, method)
    directory = ask("glance_venv_directory", absolute, venv_directory)
    if system is None or name is None or wanted is None:
        return None, problems
    name = ask("glance_release", _release, system, name)
    found = ask("glance_install_method", _method, system, name, wanted) if name else None
    if found == "venv":
        ask("glance_release", _venv_python, system, name)
        ask("ansible_facts.architecture", _wheels, known)
    if problems:
        return None, problems
    return _venv(system, name, directory) if found == "venv" else _packages(system, name), []


def _problems(stores: Any, release: str, defaults: Any) -> list[Problem]:
    entries = read_entries(stores, release)
    problems = [problem for entry in entries for problem in entry.problems]
    return [*problems, *check_defaults(defaults, entries, release)[1]]


def _lab_problems(facts: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for path, question in (("ansible_facts.distribution", system_of), ("ansible_facts.python_version", _python)):
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


def lab_plan(facts: Any) -> dict[str, Any]:
    """Return what the role all_in_one installs and runs on the host that has these facts."""
    system = system_of(facts if isinstance(facts, Mapping) else {})
    lab, uwsgi = asdict(system.lab), asdict(system.uwsgi)
    return {**lab, "packages": [*lab["packages"], *uwsgi["packages"]], "uwsgi": uwsgi}


def host_warnings(facts: Any) -> list[Problem]:
    """Return what works on a host as far as is known, but is not proven by the collection's tests."""
    system = find(facts if isinstance(facts, Mapping) else {})
    if system is None or system.tested:
        return []
    wrong = f"{system.name} is not covered by the tests of this collection"
    return [Problem("ansible_facts.distribution", wrong, "try the deployment on a host that can be spared first")]

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.host import decide, host_problems, host_warnings
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import STORE_PACKAGES
from hypothesis import given, settings
from hypothesis import strategies as st

LOCKS = Path(__file__).parents[5] / "roles" / "api" / "files" / "locks"
RELEASES = ["", "zed", "2025.1", "2026.1", "2026.2"]


# As ansible.builtin.setup has them: distribution, distribution_version, distribution_major_version, python_version.
SAMPLES = {
    "12": ("Debian", "12.11", "12", "3.11.2"),
    "13": ("Debian", "13.1", "13", "3.13.5"),
    "22.04": ("Ubuntu", "22.04", "22", "3.10.12"),
    "24.04": ("Ubuntu", "24.04", "24", "3.12.3"),
}
ADMITTED = "use Debian 12, Debian 13, Ubuntu 22.04 or Ubuntu 24.04"


def facts(version: str = "13", **more: Any) -> dict[str, Any]:
    sample = SAMPLES.get(version, ("Debian", version, version.split(".")[0], "3.13.5"))
    names = ("distribution", "distribution_version", "distribution_major_version", "python_version")
    return {**dict(zip(names, sample)), "architecture": "x86_64", **more}


@pytest.mark.parametrize(
    ("major", "release", "method", "expected"),
    [
        ("12", "", "", ("zed", "package")),
        ("12", "zed", "package", ("zed", "package")),
        ("12", "2025.1", "", ("2025.1", "venv")),
        ("12", 2026.2, "venv", ("2026.2", "venv")),
        ("13", "", "", ("2025.1", "package")),
        ("13", "", "package", ("2025.1", "package")),
        ("13", "", "venv", ("2025.1", "venv")),
        ("13", "2025.1", "", ("2025.1", "package")),
        ("13", "2026.1", "", ("2026.1", "venv")),
        ("13", "2026.2", "venv", ("2026.2", "venv")),
        ("22.04", "2025.1", "", ("2025.1", "venv")),
        ("22.04", "2026.1", "venv", ("2026.1", "venv")),
        ("24.04", "2025.1", "venv", ("2025.1", "venv")),
        ("24.04", 2026.2, "", ("2026.2", "venv")),
    ],
)
def test_what_a_host_gets(major: str, release: Any, method: str, expected: tuple[str, str]) -> None:
    plan, problems = decide(facts(major), release, method)
    assert problems == []
    assert plan is not None
    assert (plan.release, plan.method) == expected


@pytest.mark.parametrize(
    ("major", "release", "method", "problem"),
    [
        ("12", "", "venv", "glance_install_method: zed is not installed from PyPI; write package (on Debian 12) or"),
        (
            "12",
            "2025.1",
            "package",
            "glance_install_method: Debian 12 has packages of zed, not of 2025.1; write venv or",
        ),
        (
            "13",
            "zed",
            "package",
            "glance_install_method: Debian 13 has packages of 2025.1, not of zed; leave it empty and",
        ),
        ("13", "zed", "", "glance_install_method: is empty, but zed has no packages on Debian 13 and is not installed"),
        ("13", "2026.2", "package", "glance_install_method: no supported system has packages of 2026.2; write venv or"),
        ("11", "", "", f"ansible_facts.distribution: 'Debian 11' is not supported; {ADMITTED}"),
        (
            "22.04",
            "",
            "",
            "glance_release: is empty, and on Ubuntu 22.04 Glance is installed from PyPI only; write one",
        ),
        ("24.04", "", "package", "glance_release: is empty, and on Ubuntu 24.04 Glance is installed from PyPI only; "),
        ("24.04", "2025.1", "package", "glance_install_method: on Ubuntu 24.04 Glance is installed from PyPI only; "),
        ("24.04", "zed", "", "glance_install_method: is empty, but zed has no packages on Ubuntu 24.04 and is not"),
        (
            "22.04",
            "2026.2",
            "",
            "glance_release: 2026.2 needs Python 3.11 or later, and Ubuntu 22.04 has 3.10; write one of 2025.1",
        ),
        ("13", "2024.1", "", "glance_release: '2024.1' is not a supported release; write one of zed, 2025.1, 2026.1"),
        ("13", "", "deb", "glance_install_method: 'deb' is not an install method; write package, or leave it empty"),
    ],
)
def test_what_a_host_is_refused(major: str, release: str, method: str, problem: str) -> None:
    plan, problems = decide(facts(major), release, method)
    assert plan is None
    assert [str(found)[: len(problem)] for found in problems] == [problem]


def test_the_advice_for_zed_where_it_is_not_packaged_can_be_followed() -> None:
    _plan, (problem,) = decide(facts("13"), "zed")
    assert problem.instead == "set glance_release to one of 2025.1, 2026.1, 2026.2"
    _plan, (problem,) = decide(facts("13"), "zed", "package")
    assert problem.instead == "leave it empty and set glance_release to 2025.1"


def test_all_that_is_wrong_with_a_host_is_told_at_once() -> None:
    _plan, problems = decide(facts("9", distribution="CentOS", python_version="3.6.8"), "2024.1", "deb")
    assert [problem.path for problem in problems] == [
        "ansible_facts.distribution",
        "ansible_facts.python_version",
        "glance_release",
        "glance_install_method",
    ]
    assert problems[1].instead == "set ansible_python_interpreter to a Python 3.9 or later"


def test_other_machines_have_packages_but_no_wheels() -> None:
    assert host_problems(facts("13", architecture="riscv64")) == []
    (problem,) = host_problems(facts("13", architecture="riscv64"), "2026.2")
    assert str(problem).startswith("ansible_facts.architecture: is 'riscv64', for which PyPI lacks wheels")
    assert host_problems(facts("13", architecture="aarch64"), "2026.2") == []


@pytest.mark.parametrize("known", [None, {}, [], "Debian", {"distribution": "Debian"}])
def test_facts_that_were_not_gathered(known: Any) -> None:
    plan, problems = decide(known)
    assert plan is None
    assert {problem.instead.split()[0] for problem in problems} == {"gather"}


def test_packages_run_the_script_that_they_bring() -> None:
    plan, _problems = decide(facts("13"))
    assert plan is not None
    assert asdict(plan) == {
        "release": "2025.1",
        "method": "package",
        "python": "/usr/bin/python3",
        "system_python": "/usr/bin/python3",
        "glance_manage": "/usr/bin/glance-manage",
        "venv": "",
        "packages": [
            "glance-api",
            "qemu-utils",
            "python3-memcache",
            "python3-pymysql",
            "uwsgi-core",
            "uwsgi-plugin-python3",
        ],
        "store_packages": STORE_PACKAGES,
        "account_id": 64062,
        "metadefs_path": "/usr/share/glance-common/metadefs",
        "paste_source": "/usr/share/glance-common/glance-api-paste.ini",
        "uwsgi": {"program": "/usr/bin/uwsgi", "plugins": "python3", "wsgi_file": "/usr/bin/glance-wsgi-api"},
        "lock": "",
        "installed_marker": "/var/lib/dpkg/info/python3-glance.list",
    }


def test_zed_gets_an_application_file_of_ours() -> None:
    plan, _problems = decide(facts("12"))
    assert plan is not None and plan.uwsgi["wsgi_file"] == "/etc/glance/wsgi.py"


def test_a_virtual_environment_runs_the_module() -> None:
    plan, _problems = decide(facts("12"), "2026.2", "", "/srv/venvs/")
    assert plan is not None
    assert asdict(plan) == {
        "release": "2026.2",
        "method": "venv",
        "python": "/srv/venvs/2026.2/bin/python",
        "system_python": "/usr/bin/python3",
        "glance_manage": "/srv/venvs/2026.2/bin/glance-manage",
        "venv": "/srv/venvs/2026.2",
        "packages": ["python3-venv", "qemu-utils", "uwsgi-core", "uwsgi-plugin-python3"],
        "store_packages": STORE_PACKAGES,
        "account_id": 64062,
        "metadefs_path": "/srv/venvs/2026.2/etc/glance/metadefs",
        "paste_source": "/srv/venvs/2026.2/etc/glance/glance-api-paste.ini",
        "uwsgi": {"program": "/usr/bin/uwsgi", "plugins": "python3", "module": "glance.wsgi.api:application"},
        "lock": "glance-2026.2.txt",
        "installed_marker": "/srv/venvs/2026.2/.lock-digest",
    }


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ({"distribution": "Ubuntu", "distribution_version": "24.10", "distribution_major_version": "24"}, "24.10"),
        ({"distribution": "Ubuntu", "distribution_version": "26.04", "distribution_major_version": "26"}, "26.04"),
        ({"distribution": "Debian", "distribution_version": "120", "distribution_major_version": "120"}, "120"),
        ({"distribution": "Linux Mint", "distribution_version": "22", "distribution_major_version": "22"}, "22"),
        # Facts of an old cache: the major version of Ubuntu is not enough.
        ({"distribution": "Ubuntu", "distribution_major_version": "24"}, "24"),
    ],
)
def test_system_without_a_row_is_refused_with_the_admitted_ones(known: dict[str, str], name: str) -> None:
    plan, problems = decide({"python_version": "3.12.3", "architecture": "x86_64", **known}, "2026.2")
    assert plan is None
    expected = f"ansible_facts.distribution: '{known['distribution']} {name}' is not supported; {ADMITTED}"
    assert [str(problem) for problem in problems] == [expected]


def test_debian_is_found_by_its_major_version_alone() -> None:
    plan, _problems = decide({**facts("13"), "distribution_version": None})
    assert plan is not None and plan.release == "2025.1"


def test_warning_names_systems_without_tests() -> None:
    assert [host_warnings(facts(version)) for version in ("12", "13", "11")] == [[], [], []]
    assert host_warnings(None) == []
    for version in ("22.04", "24.04"):
        (warning,) = host_warnings(facts(version))
        assert str(warning).startswith(
            f"ansible_facts.distribution: Ubuntu {version} is not covered by the tests of this collection; "
        )


def test_lab_host_needs_an_admitted_system_only() -> None:
    assert host_problems(facts("22.04"), "2026.2", lab_only=True) == []
    assert len(host_problems(facts("11"), lab_only=True)) == 1


@pytest.mark.parametrize("release", ["2025.1", "2026.1", "2026.2"])
def test_every_virtual_environment_has_its_lock_file(release: str) -> None:
    plan, _problems = decide(facts("12"), release, "venv")
    assert plan is not None
    assert (LOCKS / plan.lock).is_file()


def test_only_what_the_release_does_not_know_is_said_about_stores() -> None:
    stores = [{"id": "a", "type": "file", "weight": 1, "path": "wrong", "options": {"filesystem_store_timeout": 1}}]
    assert [problem.path for problem in host_problems(facts("12"), stores=stores)] == [
        "glance_stores[0].weight",
        "glance_stores[0].options.filesystem_store_timeout",
    ]
    assert [problem.path for problem in host_problems(facts("13"), stores=stores)] == [
        "glance_stores[0].options.filesystem_store_timeout"
    ]
    assert host_problems(facts("13"), 2026.2, stores=stores) == []


_ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}))


@given(
    st.dictionaries(st.sampled_from(sorted(facts())), _ODD),
    st.one_of(_ODD, st.sampled_from(RELEASES)),
    st.one_of(_ODD, st.sampled_from(["", "package", "venv"])),
    st.sampled_from(sorted(SAMPLES)),
)
@settings(max_examples=150, deadline=None)
def test_a_host_is_planned_or_refused_with_reasons(odd: dict[str, Any], release: Any, method: Any, major: str) -> None:
    for known in (facts(major), {**facts(major), **odd}):
        plan, problems = decide(known, release, method)
        assert (plan is None) == bool(problems)
        assert all(str(problem).isprintable() for problem in problems)

"""What a run asks the host first: the facts are Ansible's own, and a missing package is missed."""

from __future__ import annotations

from pathlib import Path

from live_site import LiveSite
from testinfra.host import Host

FACTS = ("distribution", "distribution_major_version", "distribution_version", "python_version", "architecture")


def test_the_facts_are_those_of_setup(host: Host) -> None:
    ours = host.ansible("openimage.glance.host_facts", check=False)
    setup = host.ansible("ansible.builtin.setup", "gather_subset=!all,!min,distribution,platform", check=False)
    # Ansible adds the interpreter that it found.
    found = {name: ours["ansible_facts"].get(name) for name in FACTS}
    assert found == {name: setup["ansible_facts"][f"ansible_{name}"] for name in FACTS}
    assert {"glance-api", "keystone", "uwsgi-core"} <= set(ours["packages"])


def test_a_package_that_was_removed_comes_back(site: LiveSite, tmp_path: Path) -> None:
    # Glance's own package goes with it, which needs it.
    site.shell("apt-get --quiet --yes remove qemu-utils")
    run = site.play(directory=tmp_path)
    assert run.code == 0 and run.changed, run.output
    found = site.shell("dpkg-query --show --showformat '${db:Status-Abbrev}' qemu-utils glance-api")
    assert found.split() == ["ii", "ii"]


def test_an_unfinished_installation_is_ended(site: LiveSite, tmp_path: Path) -> None:
    # As a host that went down leaves it: unpacked, and not configured.
    site.shell(
        "cd /root && apt-get --quiet download qemu-utils && dpkg --unpack qemu-utils_*.deb && rm qemu-utils_*.deb"
    )
    assert site.shell("dpkg-query --show --showformat '${db:Status-Abbrev}' qemu-utils").strip() == "iU"
    run = site.play(directory=tmp_path)
    assert run.code == 0, run.output
    assert site.shell("dpkg-query --show --showformat '${db:Status-Abbrev}' qemu-utils").strip() == "ii"

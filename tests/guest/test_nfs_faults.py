"""Ten broken set-ups and more, each with its cause named, and nothing left behind; a real NFS server and client."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from guest import Guest
from nfs_server import ADDRESS, UID, NfsServer
from waits import until

PATH = "/var/lib/glance/nfs-0"
UNIT = "var-lib-glance-nfs\\x2d0.mount"
EXPORT = "/srv/nfs/images"


def state(guest: Guest) -> str:
    """Return all that a failed run could leave: mounts, units, directories, probes, processes."""
    return guest.shell(
        r"""
        grep -v -e ' /proc/' -e ' /run/user' -e binfmt /proc/self/mountinfo | cut -d ' ' -f 3- | sort || true
        find /etc/systemd/system /etc/fstab -type f -printf '%p %T@\n' -o -type l -printf '%p %l\n' | sort
        find /run -maxdepth 1 -name '*openimage*'
        test ! -d /var/lib/glance || find /var/lib/glance -xdev -printf '%p %m %u\n' | sort
        find /srv -name '.openimage-glance*'
        pgrep -fl 'mount.nfs|nfs_mount' || true
        """
    )


@pytest.fixture(autouse=True)
def clean(guest: Guest, nfs: NfsServer) -> None:
    """Begin without a mount, a unit and a directory."""
    guest.shell(
        f"""
        while mountpoint -q {PATH} || grep -q ' {PATH} ' /proc/self/mountinfo; do umount -f -l {PATH}; done
        rm -rf {PATH}
        if test -e /etc/systemd/system/{shlex.quote(UNIT)} || grep -q {PATH} /etc/fstab; then
            systemctl disable --no-reload {shlex.quote(UNIT)} 2>/dev/null || true
            rm -f /etc/systemd/system/{shlex.quote(UNIT)}
            sed -i '\\#{PATH}#d' /etc/fstab
            systemctl daemon-reload
        fi
        """
    )


def mount(guest: Guest, check: bool = False, **arguments: Any) -> dict[str, Any]:
    """Ask for the mount."""
    defaults = {"path": PATH, "server": ADDRESS, "export": EXPORT, "timeout": 15}
    return guest.module("nfs_mount", check, **{**defaults, **arguments})


def works(result: dict[str, Any], changed: bool) -> dict[str, Any]:
    """Return a result that must be a success."""
    assert not result["failed"], result.get("msg")
    assert result["changed"] is changed, result
    return result


def refused(guest: Guest, cause: str, **arguments: Any) -> str:
    """Return the message of a run that must fail for a cause and leave everything as it was."""
    before = state(guest)
    result = mount(guest, **arguments)
    assert result["failed"], result
    assert result["cause"] == cause, result["msg"]
    assert "To do: " in result["msg"]
    assert state(guest) == before
    return str(result["msg"])


# --- what works


@pytest.mark.parametrize("version", ["4.2", "3"])
def test_mount_survives_a_second_run_and_goes_again(guest: Guest, nfs: NfsServer, version: str) -> None:
    with nfs.export(EXPORT, owner="root:root", mode="0755"):
        before = state(guest)
        predicted = works(mount(guest, check=True, version=version), changed=True)
        assert state(guest) == before, "check mode changed something"
        shown = predicted["diff"]
        assert shown["before"] == {"mounted": "", "unit": "", "enabled": False}
        assert shown["after"].keys() == shown["before"].keys() and shown["after"]["enabled"] is True
        assert shown["after"]["mounted"] == f"{ADDRESS}:{EXPORT} vers={version}"
        assert f"\nWhat={ADDRESS}:{EXPORT}\nWhere={PATH}\n" in shown["after"]["unit"]

        done = works(mount(guest, version=version), changed=True)
        root = {"before": {"root": "root gid 0 0755"}, "after": {"root": "glance:glance 0750"}}
        assert done["diff"] == {side: {**shown[side], **root[side]} for side in ("before", "after")}
        # Whose the export's root is, nobody can say before it is mounted.
        owned = f"gave the root of {ADDRESS}:{EXPORT} to glance:glance, mode 0750"
        assert done["actions"] == [*predicted["actions"], owned]
        assert done["mounted"]["version"] == version and done["mounted"]["export"] == EXPORT
        assert done["probe"]["ok"] and done["probe"]["server_user"] == "glance"
        assert guest.shell(f"stat -c '%u %g %a' {EXPORT}").split() == [str(UID), str(UID), "750"]
        said = guest.shell(f"systemctl is-active {shlex.quote(UNIT)}; systemctl is-enabled {shlex.quote(UNIT)}")
        assert said.split() == ["active", "enabled"]
        assert f"{UNIT}" in guest.shell("systemctl list-dependencies --plain remote-fs.target")
        order = guest.shell(f"systemctl show --property Before,After {shlex.quote(UNIT)}")
        assert "glance-api.service" in order and "network-online.target" in order
        assert guest.shell(f"find {EXPORT} -mindepth 1") == ""

        mounted = state(guest)
        assert works(mount(guest, version=version), changed=False)["actions"] == []
        assert works(mount(guest, check=True, version=version), changed=False)["actions"] == []
        assert state(guest) == mounted

        assert works(mount(guest, check=True, state="unmounted"), changed=True)["actions"] == [f"unmounted {PATH}"]
        assert state(guest) == mounted
        works(mount(guest, state="unmounted"), changed=True)
        works(mount(guest, state="unmounted"), changed=False)
        assert guest.shell(f"systemctl is-enabled {shlex.quote(UNIT)}").strip() == "enabled"
        gone = works(mount(guest, state="absent"), changed=True)
        assert gone["diff"]["after"] == {"mounted": "", "unit": "", "enabled": False}
        nothing = works(mount(guest, state="absent"), changed=False)["diff"]
        assert nothing == {"before": gone["diff"]["after"], "after": gone["diff"]["after"]}
        assert state(guest) == before


# When a run is killed: it tries the export where nobody else sees it; its unit is new; the export is mounted.
MOMENTS = {
    "trial": "pgrep -x mount.nfs",
    "unit": f"test -e /etc/systemd/system/{shlex.quote(UNIT)}",
    "mounted": f"grep ' {PATH} ' /proc/self/mountinfo",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_was_killed_is_completed_by_the_next(guest: Guest, nfs: NfsServer, moment: str) -> None:
    with nfs.export(EXPORT, owner="root:root", mode="0755"):
        before = state(guest)
        asked = {"path": PATH, "server": ADDRESS, "export": EXPORT, "version": "4.2", "timeout": 60}
        guest.killed("nfs_mount", MOMENTS[moment], **asked)
        assert state(guest) != before, "it was not killed amid its work"

        done = mount(guest, version="4.2", timeout=60)
        assert not done["failed"], done["msg"]
        works(mount(guest, version="4.2"), changed=False)
        assert guest.shell(f"grep -c ' {PATH} ' /proc/self/mountinfo").strip() == "1"
        assert guest.shell(f"systemctl is-active {shlex.quote(UNIT)}").strip() == "active"
        assert guest.shell(f"systemctl is-enabled {shlex.quote(UNIT)}").strip() == "enabled"
        assert guest.shell(f"find {EXPORT} -mindepth 1") == ""
        works(mount(guest, state="absent"), changed=True)
        assert state(guest) == before


def test_the_unit_alone(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, state="present", version="4.2"), changed=True)
        works(mount(guest, state="present", version="4.2"), changed=False)
        assert guest.shell(f"grep -c ' {PATH} ' /proc/self/mountinfo || true").strip() == "0"
        guest.shell(f"systemctl start {shlex.quote(UNIT)}")
        works(mount(guest, version="4.2"), changed=False)


def test_changed_options_mount_again_or_in_place(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version="4.2"), changed=True)
        guest.shell(f"touch {PATH}/image")
        soft = works(mount(guest, version="4.2", options=["soft,timeo=100"]), changed=True)
        assert "unmounted" in soft["actions"][-1] and "soft" in soft["mounted"]["options"].split(",")
        works(mount(guest, version="4.2", options=["soft,timeo=100"]), changed=False)

        device = guest.shell(f"grep ' {PATH} ' /proc/self/mountinfo | cut -d ' ' -f 1")
        quiet = works(mount(guest, version="4.2", options=["soft,timeo=100", "noatime"]), changed=True)
        assert "in place" in quiet["actions"][-1] and "noatime" in quiet["mounted"]["options"].split(",")
        assert guest.shell(f"grep ' {PATH} ' /proc/self/mountinfo | cut -d ' ' -f 1") == device
        works(mount(guest, version="4.2", options=["soft,timeo=100", "noatime"]), changed=False)

        older = works(mount(guest, version="3", options=["noatime"]), changed=True)
        assert older["mounted"]["version"] == "3"
        # Somebody remounts it by hand.
        guest.shell(f"mount -o remount,ro {PATH}")
        healed = works(mount(guest, version="3", options=["noatime"]), changed=True)
        assert "ro (not asked for)" in healed["actions"][-1]
        assert guest.shell(f"ls {PATH}").split() == ["image"]


def test_another_mount_option_while_a_file_is_open(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version="4.2"), changed=True)
        guest.shell(f"cd {PATH}; setsid --fork sleep 300 >{PATH}/upload 2>/dev/null </dev/null")
        message = refused(guest, "busy", version="4.2", options=["soft"])
        assert "(sleep, user root)" in message and "its working directory" in message
        guest.shell("pkill -x sleep")
        works(mount(guest, version="4.2", options=["soft"]), changed=True)


def test_mount_comes_back_after_a_reboot(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version="4.2", server="127.0.0.1"), changed=True)
        guest.shell(f"echo '{EXPORT} *(rw,no_subtree_check,insecure)' >/etc/exports; systemctl enable nfs-server")
        try:
            guest.reboot()
            journal = guest.shell(f"systemctl status --no-pager {shlex.quote(UNIT)} nfs-server", check=False)
            assert guest.shell(f"stat -f -c %T {PATH}").strip() == "nfs", journal
            works(mount(guest, version="4.2", server="127.0.0.1"), changed=False)
        finally:
            guest.shell(": >/etc/exports; systemctl disable nfs-server")
            nfs.prepare()


# --- ten broken set-ups


def test_unreachable(guest: Guest) -> None:
    # The network takes the packets, and nobody ever answers.
    guest.shell("ip link add name hole type dummy; ip link set hole up; ip route add 198.51.100.0/24 dev hole")
    try:
        message = refused(guest, "unreachable", server="198.51.100.7")
    finally:
        guest.shell("ip link delete hole")
    assert "198.51.100.7" in message and "2049" in message


def test_server_that_takes_connections_and_says_nothing(guest: Guest) -> None:
    script = "import socket, time; s = socket.create_server(('192.0.2.1', 12049)); time.sleep(300)"
    guest.shell(f'systemd-run --quiet --unit silent python3 -c "{script}"')
    until(lambda: guest.shell("ss --listening --tcp --numeric | grep 12049 || true"), "the silent server listens")
    try:
        message = refused(guest, "hanging", version="4.2", options=["port=12049"], timeout=10)
    finally:
        guest.shell("systemctl stop silent")
    assert "takes connections" in message


def test_no_server_there(guest: Guest) -> None:
    message = refused(guest, "no_nfs_server", server="127.0.0.1", options=["port=12050"])
    assert "refused" in message


def test_unknown_name(guest: Guest) -> None:
    assert "appliance.invalid" in refused(guest, "unknown_host", server="appliance.invalid")


@pytest.mark.parametrize("version", ["4.2", "3", ""])
def test_wrong_path(guest: Guest, nfs: NfsServer, version: str) -> None:
    with nfs.export(EXPORT):
        message = refused(guest, "wrong_path", export="/srv/nfs/image", version=version)
    assert f"does not export /srv/nfs/image; it exports {EXPORT}" in message


def test_wrong_path_on_a_server_without_a_mount_daemon(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        guest.shell("rpcinfo -d 100005 3; rpcinfo -d 100005 2; rpcinfo -d 100005 1")
        try:
            message = refused(guest, "wrong_path", export="/srv/nfs/image", version="4.2")
        finally:
            guest.shell("systemctl restart nfs-mountd")
    # How far one sees from NFS 4's root depends on what the server was asked before; the first step is always told.
    assert "it exports /srv" in message


def test_not_exported_to_this_host(guest: Guest, nfs: NfsServer) -> None:
    guest.shell(f"mkdir -p {EXPORT}; exportfs -o rw,no_subtree_check 198.51.100.1:{EXPORT}")
    try:
        message = refused(guest, "access_denied", version="3")
    finally:
        guest.shell(f"exportfs -u 198.51.100.1:{EXPORT}; rm -rf {EXPORT}")
    assert "198.51.100.1" in message


def test_version_4_from_a_server_that_has_only_3(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT), nfs.only_version_3():
        message = refused(guest, "version", version="4.2")
        assert "does not speak NFS 4.2" in message and "it speaks 3" in message and 'version: "3"' in message
        assert mount(guest, check=True, version="4")["cause"] == "version"
        assert works(mount(guest), changed=True)["mounted"]["version"] == "3"
        works(mount(guest, state="absent"), changed=True)


def test_root_squash_with_wrong_owner(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT, "rw,root_squash", owner="root:root", mode="0755"):
        message = refused(guest, "root_squash", version="4.2")
    assert "belongs to root (uid 0)" in message
    assert f"on {ADDRESS} run: chown {UID}:{UID} {EXPORT} && chmod 0750 {EXPORT}" in message


def test_root_squash_with_right_owner_and_wrong_mode(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT, "rw,root_squash", mode="0500"):
        works(mount(guest, version="4.2"), changed=True)
        assert guest.shell(f"stat -c %a {EXPORT}").strip() == "750", "the owner itself may change it"


@pytest.mark.parametrize("version", ["4.2", "3"])
def test_all_squash(guest: Guest, nfs: NfsServer, version: str) -> None:
    with nfs.export(EXPORT, "rw,all_squash"):
        message = refused(guest, "all_squash", version=version)
    assert f"takes this host's uid {UID} for another user" in message and f"anonuid={UID}" in message


def test_all_squash_to_a_user_that_may_write_works_with_a_warning(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT, "rw,all_squash", owner="nobody:nogroup"):
        done = works(mount(guest, version="4.2"), changed=True)
        assert done["probe"]["ok"] and done["probe"]["server_user"] == "nobody"
        assert "all_squash" in str(done["warnings"])


def test_missing_permission_that_may_not_be_changed(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT, "rw,root_squash", mode="0500"):
        message = refused(guest, "permission", version="4.2", mode="")
    assert "its mode 0500 does not let it write" in message


def test_read_only_export(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT, "ro,no_root_squash"):
        assert "exports it read-only" in refused(guest, "read_only_export", version="4.2")


def test_read_only_mount(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        assert "remove ro from options" in refused(guest, "read_only_mount", version="4.2", options=["ro"])
        works(mount(guest, version="4.2", options=["ro"], probe=False), changed=True)
        works(mount(guest, version="4.2", options=["ro"], probe=False), changed=False)


@pytest.mark.parametrize("version", ["4.2", "3"])
def test_full(guest: Guest, nfs: NfsServer, version: str) -> None:
    guest.shell(f"mkdir -p {EXPORT}; mount -t tmpfs -o size=1m tmpfs {EXPORT}")
    with nfs.export(EXPORT, "rw,no_root_squash,fsid=7"):
        guest.shell(f"dd if=/dev/zero of={EXPORT}/image bs=4k status=none 2>/dev/null || true")
        assert "is full" in refused(guest, "full", version=version)


def test_mount_point_that_is_not_empty(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        guest.shell(f"mkdir -p {PATH}; echo x >{PATH}/old-image")
        assert "holds files" in refused(guest, "not_empty")
        assert mount(guest, check=True)["cause"] == "not_empty"
        works(mount(guest, force=True), changed=True)
        works(mount(guest), changed=False)
        works(mount(guest, state="absent"), changed=True)
        assert guest.shell(f"ls {PATH}").strip() == "old-image"


def test_mount_point_with_directories_and_no_file(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        guest.shell(f"install -d -o glance -g glance -m 0750 {PATH} {PATH}/images {PATH}/image-cache")
        before = state(guest)
        predicted = works(mount(guest, check=True), changed=True)
        assert f"gave the directory {PATH} to root alone" in predicted["actions"]
        shown = [predicted["diff"][side]["directory"] for side in ("before", "after")]
        assert shown == [f"{UID}:{UID} 0750", "0:0 0700"] and state(guest) == before
        refused(guest, "wrong_path", export="/srv/nfs/image", version="4.2")

        works(mount(guest), changed=True)
        works(mount(guest), changed=False)
        # What is not mounted cannot be written to.
        works(mount(guest, state="unmounted"), changed=True)
        touch = f"runuser -u glance -- touch {PATH}/x {PATH}/images/x 2>&1 || true"
        assert guest.shell(touch).count("Permission denied") == 2
        works(mount(guest), changed=True)
        assert mount(guest, check=True, state="absent")["actions"] == mount(guest, state="absent")["actions"]
        works(mount(guest, check=True, state="absent"), changed=False)
        assert guest.shell(f"ls {PATH}").split() == ["image-cache", "images"]


@pytest.mark.parametrize("version", ["4.2", "3"])
def test_stale_handle_is_recovered_from(guest: Guest, nfs: NfsServer, version: str) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version=version), changed=True)
        guest.shell(f"mv {EXPORT} {EXPORT}.old; mkdir {EXPORT}; chown glance:glance {EXPORT}; exportfs -f")
        guest.shell(f"rm -rf {EXPORT}.old")
        # The client trusts for some seconds what it knows of the directory.
        until(lambda: "Stale" in guest.shell(f"ls {PATH} 2>&1 || true"), "the handle is stale")
        predicted = works(mount(guest, check=True, version=version), changed=True)
        assert "stale" in predicted["actions"][-1]
        done = works(mount(guest, version=version), changed=True)
        assert any("stale" in action for action in done["actions"]) and done["probe"]["ok"]
        works(mount(guest, version=version), changed=False)


def test_stale_handle_of_what_is_gone_for_good(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT), nfs.export("/srv/nfs/other"):
        works(mount(guest, version="4.2"), changed=True)
        guest.shell(f"exportfs -u '*:{EXPORT}'; rm -rf {EXPORT}; exportfs -f")
        until(lambda: "cannot" in guest.shell(f"ls {PATH} 2>&1 || true"), "the directory is gone for the client too")
        message = refused(guest, "wrong_path", version="4.2")
        assert "it exports /srv/nfs/other" in message
        works(mount(guest, state="absent"), changed=True)


def test_other_export_mounted_there(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT), nfs.export("/srv/nfs/other"):
        works(mount(guest, version="4.2", export="/srv/nfs/other"), changed=True)
        message = refused(guest, "other_mount", version="4.2")
        assert f"{ADDRESS}:/srv/nfs/other" in message and f"{ADDRESS}:{EXPORT}" in message
        # The same export by another name of the server is no other one.
        guest.shell(f"sed -i '/appliance/d' /etc/hosts; echo '{ADDRESS} appliance' >>/etc/hosts")
        works(mount(guest, version="4.2", server="appliance", export="/srv/nfs/other"), changed=True)
        works(mount(guest, version="4.2", server="appliance", export="/srv/nfs/other"), changed=False)


# --- what belongs to somebody else


def test_other_filesystem_mounted_there(guest: Guest) -> None:
    guest.shell(f"mkdir -p {PATH}; mount -t tmpfs tmpfs {PATH}")
    assert "tmpfs of type tmpfs" in refused(guest, "other_mount")
    assert mount(guest, state="absent")["cause"] == "other_mount"


def test_line_in_fstab(guest: Guest, nfs: NfsServer) -> None:
    guest.shell(f"echo '{ADDRESS}:{EXPORT} {PATH} nfs noauto 0 0' >>/etc/fstab; systemctl daemon-reload")
    assert "of /etc/fstab" in refused(guest, "fstab")


def test_unit_of_somebody_else(guest: Guest) -> None:
    unit = f"[Mount]\\nWhat={ADDRESS}:{EXPORT}\\nWhere={PATH}\\nType=nfs\\n"
    guest.shell(f"printf '{unit}' >/etc/systemd/system/{shlex.quote(UNIT)}; systemctl daemon-reload")
    assert "not made by this module" in refused(guest, "foreign_unit")


def test_working_mount_outlives_a_probe_that_fails(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version="4.2"), changed=True)
        guest.shell(f"exportfs -o ro,no_subtree_check,insecure '*:{EXPORT}'; exportfs -f")
        refused(guest, "read_only_export", version="4.2")
        assert guest.shell(f"stat -f -c %T {PATH}").strip() == "nfs"


def test_server_that_goes_away(guest: Guest, nfs: NfsServer) -> None:
    with nfs.export(EXPORT):
        works(mount(guest, version="4.2"), changed=True)
        guest.shell("rpc.nfsd 0")
        try:
            message = refused(guest, "no_nfs_server", version="4.2")
            assert ADDRESS in message
            works(mount(guest, state="absent", timeout=6), changed=True)
        finally:
            guest.shell("rpc.nfsd 4")

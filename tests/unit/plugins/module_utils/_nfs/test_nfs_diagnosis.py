# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what happened to the name of the cause."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs import diagnosis, mounting
from ansible_collections.openimage.glance.plugins.module_utils._nfs.diagnosis import Surroundings, judge, warnings
from ansible_collections.openimage.glance.plugins.module_utils._nfs.examine import Facts, Identity, Root
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import CAUSES, NfsError
from ansible_collections.openimage.glance.plugins.module_utils._nfs.rpc import Export
from ansible_collections.openimage.glance.plugins.module_utils._nfs.server import Server
from hypothesis import given
from hypothesis import strategies as st
from nfs_samples import wish

GLANCE = Identity("glance", 64062, "glance", 64062, (64062, 100), 0o750)
OURS, ROOTS = Root(64062, 64062, 0o750), Root(0, 0, 0o755)
AROUND = Surroundings("api-1")


def facts(root: Root = OURS, step: str = "", number: int = 0, **changes: Any) -> Facts:
    return Facts(root, root, step=step, number=number, **changes)


def cause(found: Facts, around: Surroundings = AROUND, **changes: Any) -> tuple[str, str]:
    error = judge(found, wish(**changes), GLANCE, around)
    assert error and error.cause in CAUSES and "To do: " in str(error)
    assert "192.0.2.1" in str(error) and "api-1" in str(error)
    return error.cause, str(error)


def test_what_works_has_no_cause() -> None:
    assert judge(facts(file_uid=64062), wish(), GLANCE, AROUND) is None
    assert warnings(facts(file_uid=64062), wish(), GLANCE, AROUND) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (facts(ROOTS, "create", errno.EACCES, refused=errno.EPERM), "root_squash"),
        (facts(ROOTS, "create", errno.EACCES), "owner"),
        (facts(ROOTS, "create", errno.EACCES, refused=errno.EINVAL), "owner"),
        (facts(OURS, "create", errno.EACCES), "all_squash"),
        (facts(Root(0, 100, 0o775), "create", errno.EACCES), "all_squash"),
        (facts(Root(0, 0, 0o777), "create", errno.EPERM), "all_squash"),
        (facts(Root(64062, 0, 0o577), "create", errno.EACCES), "permission"),
        (facts(OURS, "create", errno.EROFS), "read_only_export"),
        (facts(OURS, "fsync", errno.ENOSPC), "full"),
        (facts(OURS, "write", errno.EDQUOT), "quota"),
        (facts(OURS, "create", errno.ESTALE), "stale"),
        (facts(OURS, "lock", errno.ENOLCK), "locks"),
        (facts(OURS, "lock", errno.EACCES), "locks"),
        (facts(OURS, "read back", errno.EIO), "probe"),
    ],
)
def test_causes(found: Facts, expected: str) -> None:
    assert cause(found)[0] == expected


def test_remedies_name_numbers_and_paths() -> None:
    _cause, message = cause(facts(ROOTS, "create", errno.EACCES, refused=errno.EPERM))
    assert "on 192.0.2.1 run: chown 64062:64062 /srv/a && chmod 0750 /srv/a" in message
    _cause, message = cause(facts(OURS, "create", errno.EACCES))
    assert "anonuid=64062" in message


def test_a_read_only_mount_is_not_the_servers_fault() -> None:
    assert cause(facts(OURS, "create", errno.EROFS), Surroundings("api-1", read_only=True))[0] == "read_only_mount"


def test_selinux_is_named_beside_a_refusal() -> None:
    around = Surroundings("api-1", selinux="SELinux is enforcing.")
    assert "SELinux" in cause(facts(OURS, "create", errno.EACCES), around)[1]
    assert any("SELinux" in text for text in warnings(facts(), wish(), GLANCE, around))


def test_without_a_probe_an_owner_that_cannot_be_set_is_an_error() -> None:
    refused = facts(ROOTS, refused=errno.EPERM)
    assert cause(refused, probe=False)[0] == "root_squash"
    assert judge(refused, wish(), GLANCE, AROUND) is None
    assert "chown 64062:64062" in warnings(refused, wish(), GLANCE, AROUND)[0]


def test_files_of_somebody_else_are_a_warning() -> None:
    (text,) = warnings(facts(file_uid=65534), wish(), GLANCE, AROUND)
    assert "uid 65534" in text and "all_squash" in text


def test_a_probe_that_stays_is_told() -> None:
    assert "probe-1" in warnings(facts(file_uid=64062, left=["probe-1"]), wish(), GLANCE, AROUND)[0]


@given(
    st.builds(Root, st.sampled_from([0, 64062, 65534]), st.sampled_from([0, 100, 64062]), st.integers(0, 0o777)),
    st.sampled_from(["create", "write", "fsync", "rename", "lock", "close", "read back", "remove"]),
    st.sampled_from(sorted(errno.errorcode)),
    st.sampled_from([0, errno.EPERM, errno.EACCES, errno.EROFS]),
)
def test_every_failure_has_a_known_name(root: Root, step: str, number: int, refused: int) -> None:
    cause(facts(root, step, number, refused=refused))


@given(st.integers(0, 0o777))
def test_the_first_class_that_fits_decides(mode: int) -> None:
    assert diagnosis.permits(Root(64062, 0, mode), GLANCE) is (mode >> 6 & 3 == 3)
    assert diagnosis.permits(Root(0, 100, mode), GLANCE) is (mode >> 3 & 3 == 3)
    assert diagnosis.permits(Root(0, 0, mode), GLANCE) is (mode & 3 == 3)


# What mount.nfs of nfs-utils 2.6 and util-linux say.
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("mount.nfs: mounting nas:/srv/a failed, reason given by server: No such file or directory", "wrong_path"),
        ("mount.nfs: access denied by server while mounting 192.0.2.1:/srv/a", "wrong_path"),
        ("mount.nfs: Protocol not supported", "version"),
        ("mount.nfs: requested NFS version or transport protocol is not supported for /mnt", "version"),
        ("mount.nfs: an incorrect mount option was specified", "mount_options"),
        ("mount: /mnt: unknown filesystem type 'nfs'.", "host"),
        ("mount.nfs: No such device", "host"),
        ("mount.nfs: Connection timed out", "unreachable"),
        ("mount.nfs: Connection refused for 192.0.2.1:/srv/a on /mnt", "unreachable"),
        ("mount.nfs: Stale file handle", "stale"),
        ("mount.nfs: Input/output error", "mount_failed"),
        ("", "mount_failed"),
    ],
)
def test_what_mount_says(said: str, expected: str) -> None:
    told = Server("192.0.2.1", versions=("3", "4.2"), exports=(Export("/srv/other", ()),))
    error = mounting.explain(said, wish(), told)
    assert isinstance(error, NfsError) and error.cause == expected
    if expected == "wrong_path":
        assert "it exports /srv/other (for all)" in str(error)


def test_an_export_for_others_is_no_wrong_path() -> None:
    told = Server("192.0.2.1", exports=(Export("/srv/a", ("198.51.100.1",)),))
    error = mounting.explain("mount.nfs: access denied by server while mounting 192.0.2.1:/srv/a", wish(), told)
    assert error.cause == "access_denied" and "198.51.100.1" in str(error)


def test_a_try_does_not_wait_for_two_minutes() -> None:
    assert mounting.mount_command("s:/e", "/m", ("vers=3",))[4] == "vers=3,retry=0"
    assert mounting.mount_command("s:/e", "/m", ("retry=1",))[4] == "retry=1"

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says is mounted; lines of Linux 6.1."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import is_ipv6, source_of, split_source, tidy
from ansible_collections.openimage.glance.plugins.module_utils._nfs.mountinfo import at, below, parse, unescaped
from hypothesis import given
from hypothesis import strategies as st
from nfs_samples import V3, V4

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def escaped(text: str) -> str:
    """Escape as the kernel does."""
    return "".join(f"\\{ord(c):03o}" if c in " \t\n\\#" else c for c in text)


def test_a_mount_of_version_4() -> None:
    (found,) = parse(V4)
    assert (found.path, found.fstype, found.server, found.export) == (
        "/var/lib/glance/nfs-0",
        "nfs4",
        "192.0.2.1",
        "/srv/a",
    )
    assert (found.version, found.address, found.read_only) == ("4.2", "192.0.2.1", False)
    assert "addr" not in found.shown()["options"] and "hard" in found.shown()["options"].split(",")


def test_a_read_only_mount_of_version_3() -> None:
    (found,) = parse(V3)
    assert (found.version, found.read_only, found.is_nfs) == ("3", True, True)
    assert "rw" not in found.options


def test_read_only_by_one_of_the_two_lists_is_read_only() -> None:
    (found,) = parse("1 2 0:3 / /mnt ro,relatime - nfs4 s:/e rw,vers=4.2")
    assert found.read_only and "rw" not in found.options


def test_versions_of_old_kernels() -> None:
    (found,) = parse("1 2 0:3 / /mnt rw - nfs4 s:/e rw,vers=4,minorversion=1")
    assert found.version == "4.1"


def test_the_last_mount_on_a_path_is_the_one_that_is_seen() -> None:
    over = "1 2 0:3 / /var/lib/glance/nfs-0 rw - tmpfs tmpfs rw"
    mounts = parse(f"{V4}\n{over}\n5 2 0:4 / /var/lib/glance/nfs-0/in rw - tmpfs t rw")
    assert [mount.fstype for mount in at(mounts, "/var/lib/glance/nfs-0")] == ["nfs4", "tmpfs"]
    assert [mount.path for mount in below(mounts, "/var/lib/glance/nfs-0")] == ["/var/lib/glance/nfs-0/in"]


@given(st.text())
def test_any_text_is_read_without_a_failure(text: str) -> None:
    for mount in parse(text):
        assert mount.path is not None


@given(TEXT, TEXT)
def test_what_the_kernel_escapes_comes_back(path: str, source: str) -> None:
    line = f"1 2 0:3 / {escaped(path)} rw shared:1 master:2 - nfs4 {escaped(source)} rw"
    (found,) = parse(line)
    assert (found.path, found.source) == (path, source)


@given(TEXT)
def test_unescaping_leaves_what_is_not_escaped(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    ("server", "export", "source"),
    [
        ("nas", "/srv/images", "nas:/srv/images"),
        ("192.0.2.1", "/", "192.0.2.1:/"),
        ("2001:db8::1", "/srv", "[2001:db8::1]:/srv"),
        ("fe80::1%eth0", "/srv", "[fe80::1%eth0]:/srv"),
    ],
)
def test_sources_are_written_and_read(server: str, export: str, source: str) -> None:
    assert source_of(server, export) == source
    assert split_source(source) == (server, export)


def test_what_is_no_source_of_nfs_has_no_server() -> None:
    assert split_source("/dev/vda")[0] == split_source("tmpfs")[0] == split_source("/dev/a:/b")[0] == ""
    assert not is_ipv6("nas") and not is_ipv6("192.0.2.1")


@given(st.lists(st.sampled_from(["a", "..", "", "b c"])))
def test_tidy_paths_stay_tidy(parts: list[str]) -> None:
    path = tidy("/" + "/".join(parts))
    assert path.startswith("/") and "//" not in path and tidy(path) == path and (path == "/" or path[-1] != "/")

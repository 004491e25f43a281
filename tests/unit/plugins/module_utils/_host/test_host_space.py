"""What is free for a directory, on real file systems."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._host import space

MOUNTS = "1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /srv rw - xfs /dev/b rw\n3 2 0:3 / /srv/images rw - nfs4 n:/x rw\n"
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root may mount, and become somebody who may not look")


@pytest.mark.parametrize(
    ("path", "mounted"),
    [("/srv/images", "/srv/images"), ("/srv/images2", "/srv"), ("/srv/images/a/b", "/srv/images"), ("/var/x", "/")],
)
def test_the_innermost_mount_counts(path: str, mounted: str) -> None:
    assert space.innermost(space.parse(MOUNTS), path) == mounted


def test_what_is_missing_is_measured_where_it_will_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    wanted = [tmp_path, tmp_path / "a/b", tmp_path / "file/b", tmp_path / "link/c"]
    found = space.file_systems(map(str, wanted), Path("/proc/self/mountinfo").read_text())
    assert [one["path"] for one in found] == [str(path) for path in wanted]
    assert [one["exists"] for one in found] == [True, False, False, False]
    assert len({one["mount_point"] for one in found}) == 1 and os.path.ismount(found[0]["mount_point"])
    assert all(isinstance(one["free"], int) and one["free"] > 0 for one in found)


@AS_ROOT
def test_a_small_file_system_of_its_own(tmp_path: Path) -> None:
    script = (
        "import json, sys; from ansible_collections.openimage.glance.plugins.module_utils._host import space; "
        "print(json.dumps(space.file_systems(sys.argv[1:], open('/proc/self/mountinfo').read())))"
    )
    mount = f'mount -t tmpfs -o size=256k tmpfs {tmp_path} && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, "-c", script, f"{tmp_path}/x"]
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f'"mount_point": "{tmp_path}", "free": 262144' in done.stdout


@AS_ROOT
def test_what_a_user_may_not_see_is_not_called_missing(tmp_path: Path) -> None:
    # pytest's own directories are closed, and what is around this one is open.
    (tmp_path / "images").mkdir()
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        seen, there = space.nearest(str(tmp_path / "images"))
        os._exit(0 if there and str(tmp_path).startswith(seen) and space.nearest("/nothing") == ("/", False) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_directory_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one on a file server that does not answer."""
    monkeypatch.setattr(space, "PATIENCE", 0.2)
    monkeypatch.setattr(space.os, "statvfs", lambda _path: space.os.read(space.os.pipe()[0], 1))
    (found,) = space.file_systems(["/srv/images"], MOUNTS)
    assert found == {"path": "/srv/images", "exists": True, "mount_point": "/srv/images", "free": None}

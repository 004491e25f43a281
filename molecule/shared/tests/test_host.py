"""What must be true on a host after the deployment: service, files, directories."""

from __future__ import annotations

import pytest
from live_site import LiveSite
from testinfra.host import Host

UNIT = "/etc/systemd/system/glance-api.service"
UWSGI = "/etc/glance/uwsgi-api.ini"


def test_the_api_runs_by_our_unit_as_glance(host: Host, site: LiveSite) -> None:
    service = host.service("glance-api")
    assert service.is_running and service.is_enabled
    shown = site.shell("systemctl show --property FragmentPath,DropInPaths,ExecStart glance-api")
    assert f"FragmentPath={UNIT}\n" in shown and "DropInPaths=\n" in shown
    assert f"argv[]=/usr/bin/uwsgi --ini {UWSGI} ;" in shown
    master = site.main_pid()
    processes = [process for process in host.process.filter(comm="uwsgi") if master in (process.pid, process.ppid)]
    # The master and at least one worker.
    assert len(processes) > 1 and {process.user for process in processes} == {"glance"}


def test_only_the_api_listens_and_everything_is_up(host: Host) -> None:
    for name in ("mariadb", "memcached", "keystone"):
        assert host.service(name).is_running and host.service(name).is_enabled, name
    for socket in ("tcp://0.0.0.0:9292", "tcp://0.0.0.0:5000", "tcp://127.0.0.1:11211", "tcp://127.0.0.1:3306"):
        assert host.socket(socket).is_listening, socket
    # The database and memcached are nobody else's business.
    assert not host.socket("tcp://0.0.0.0:3306").is_listening and not host.socket("tcp://0.0.0.0:11211").is_listening


def test_no_unit_has_failed(site: LiveSite) -> None:
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""


@pytest.mark.parametrize(
    ("path", "mode", "owner", "group"),
    [
        ("/etc/glance", 0o750, "root", "glance"),
        ("/etc/glance/glance-api.conf", 0o640, "root", "glance"),
        (UWSGI, 0o640, "root", "glance"),
        ("/etc/glance/file-archive.json", 0o640, "root", "glance"),
        (UNIT, 0o644, "root", "root"),
        ("/var/lib/glance", 0o750, "glance", "glance"),
        ("/var/lib/glance/lock", 0o750, "glance", "glance"),
        ("/var/lib/glance/images", 0o750, "glance", "glance"),
        ("/srv/glance/archive", 0o750, "glance", "glance"),
        ("/var/lib/glance/os_glance_staging_store", 0o750, "glance", "glance"),
        ("/var/lib/glance/os_glance_tasks_store", 0o750, "glance", "glance"),
        ("/etc/keystone/keystone.conf", 0o640, "root", "keystone"),
    ],
)
def test_files_and_directories_belong_to_whom_they_should(
    host: Host, path: str, mode: int, owner: str, group: str
) -> None:
    file = host.file(path)
    assert (oct(file.mode), file.user, file.group) == (oct(mode), owner, group)


def test_nothing_half_written_is_left(site: LiveSite) -> None:
    """Temporary files of configuration, canaries in stores, remote temporary directories of Ansible."""
    names = site.shell("ls -A /etc/glance").split()
    assert {"glance-api.conf", "uwsgi-api.ini"} <= set(names)
    assert [name for name in names if name.startswith((".", "tmp")) or name.endswith((".new", ".tmp", "~"))] == []
    assert site.shell("find /var/lib/glance/os_glance_*_store -type f") == ""
    assert site.shell("find /root/.ansible/tmp /tmp -maxdepth 1 -name 'ansible*' 2>/dev/null; true") == ""


def test_the_code_is_that_of_the_release(host: Host, site: LiveSite) -> None:
    """What the running workers have in memory, not only what lies on the disk."""
    worker = site.shell(f"pgrep --parent {site.main_pid()} | head -n 1").strip()
    places = "/opt/glance/[^/]*/lib|/usr/lib/python3/dist-packages"
    mapped = site.shell(f"grep -oE '{places}' /proc/{worker}/maps | sort --unique").split()
    package = host.package("python3-glance")
    if site.from_pypi:
        assert mapped == ["/opt/glance/2026.2/lib"]
        assert "/glance-33." in site.shell("ls -d /opt/glance/2026.2/lib/python3*/site-packages/glance-*.dist-info")
        assert not package.is_installed
    else:
        assert mapped == ["/usr/lib/python3/dist-packages"]
        assert package.version.removeprefix("2:").startswith({"12": "25.1", "13": "30.0"}[host.system_info.release[:2]])
        assert not host.file("/opt/glance").exists

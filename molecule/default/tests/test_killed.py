"""A playbook killed between the new configuration and the restart: the next run finishes what it began."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from live_site import LiveSite

QUOTA = {"glance_api_config": {"DEFAULT": {"image_member_quota": 300}}}


def kill_at(site: LiveSite, directory: Path, task: str) -> None:
    """Run the playbook until a task begins, then kill it with all of its processes."""
    command = site.command(directory / "variables.json", QUOTA)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("TASK") and task in line:
                os.killpg(running.pid, signal.SIGKILL)
                return
    pytest.fail(f"no task {task!r} has begun")


def test_the_next_run_restarts_the_service(site: LiveSite, tmp_path: Path) -> None:
    before = site.main_pid()
    try:
        kill_at(site, tmp_path, "Bring the database schema to the installed release")
        assert "image_member_quota = 300" in site.shell("cat /etc/glance/glance-api.conf")
        assert site.main_pid() == before, "it was to be killed before the restart"
        run = site.play(directory=tmp_path, **QUOTA)
        assert run.code == 0 and "local (default)" in run.output, run.output
        assert site.main_pid() != before
    finally:
        assert site.play(directory=tmp_path).code == 0

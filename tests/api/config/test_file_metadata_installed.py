"""The location metadata of a file store: the driver of the installed Glance judges it before the service reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._access import runner, side, verdicts

STORE = {"id": "nfs-0", "type": "file", "path": "/srv/nfs/images", "metadata_file": "/etc/glance/m.json"}
GOOD = {"id": "share", "mountpoint": "/srv/nfs"}


def attempt(python: Path, store: dict[str, Any], content: str | None) -> list[str]:
    """Return what is wrong, asked as store_access asks it; a file's content as if the file were to be written."""
    settings = runner.Settings(str(python), "glance", "api1", 60, write=False)
    files = [] if content is None else [{"path": store["metadata_file"], "content": content}]
    luggage = _travel.luggage(runner.SIDES, runner.job(settings, [store], files))
    done = subprocess.run(_travel.command(str(python)), input=luggage, capture_output=True, check=True)
    results = {result["id"]: result for result in json.loads(done.stdout)["results"]}
    return verdicts.judge([store], results, "api1", str(python), side.AT_ONCE).problems


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (json.dumps(GOOD), ""),
        (json.dumps([{"id": "other", "mountpoint": "/mnt"}, {**GOOD, "more": ["x"]}]), ""),
        ("{id: share}", "it is not JSON"),
        (json.dumps({"id": "share"}), "'mountpoint' is a required property"),
        (json.dumps({**GOOD, "id": 1}), "1 is not of type 'string'"),
        (json.dumps({**GOOD, "more": 1}), "has an invalid type of"),
        ('"text"', "'text' is not of type 'array'"),
        (
            json.dumps({**GOOD, "mountpoint": "/srv/other"}),
            "no mountpoint in it is around the store's path /srv/nfs/images",
        ),
        ("[]", "it has none"),
        (None, "No such file or directory. To do: copy it to the host"),
    ],
)
def test_the_driver_judges(newest: Path, content: str | None, words: str) -> None:
    problems = attempt(newest / "bin" / "python", STORE, content)
    assert len(problems) == bool(words)
    for problem in problems:
        assert words in problem and "Store nfs-0 (file) on api1" in problem and "/etc/glance/m.json" in problem

"""The options of the module venv, and what it shows of them."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.openimage.glance.plugins.modules import venv


def test_index_url_with_login_is_refused_and_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://me:s3cret@mirror.example.org/simple"
    arguments = {"path": "/nowhere", "lock": "", "installer": "", "index_url": url}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        venv.main()
    printed = capsys.readouterr().out
    assert json.loads(printed)["failed"] and "write it as index_login" in printed
    assert "s3cret" not in printed

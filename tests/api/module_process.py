"""Run a module as Ansible does: a process of its own, arguments in as JSON, the result out as JSON."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.testing import patch_module_args

Run = Callable[..., dict[str, Any]]
Start = Callable[..., "ModuleProcess"]

PACKAGE = "ansible_collections.openimage.glance.plugins.modules"


class ModuleProcess:
    """One run of a module, begun at once."""

    def __init__(self, name: str, arguments: dict[str, Any], folder: Path, *, check: bool = False) -> None:
        self._out = folder / f"{name}-{os.urandom(4).hex()}.json"
        arguments = {**arguments, "_ansible_check_mode": check}
        self.process = multiprocessing.get_context("fork").Process(target=self._run, args=(name, arguments))
        self.process.start()

    def _run(self, name: str, arguments: dict[str, Any]) -> None:
        sys.stdout = self._out.open("w")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            with patch_module_args(arguments):
                importlib.import_module(f"{PACKAGE}.{name}").main()
        finally:
            sys.stdout.flush()
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            self._out.with_suffix(".memory").write_text(str(after - before))

    def kill(self) -> None:
        """End it as the operator's SIGKILL would, without any chance to clean up."""
        self.process.kill()
        self.process.join()

    def result(self, seconds: float = 120) -> dict[str, Any]:
        self.process.join(seconds)
        if self.process.is_alive():
            self.kill()
            raise AssertionError(f"The module did not end in {seconds} s.")
        text = self._out.read_text()
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError:
            raise AssertionError(f"The module ended with {self.process.exitcode} and wrote: {text!r}") from None
        # KiB by which the module grew; importing what it needs is in it.
        answer["grown"] = int(self._out.with_suffix(".memory").read_text())
        return answer

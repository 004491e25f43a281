"""Show a run of ansible-playbook that is piped in: a line for each task, warnings and failures in full.

Usage: ansible-playbook … 2>&1 | progress.py [--raw] LOG
All of the output is appended to LOG. With --raw all of it is shown, too, as it is.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from typing import TextIO

HEADER = re.compile(r"(?P<kind>PLAY|TASK|RUNNING HANDLER) \[(?P<name>.*)\] \**$")
# Who works matters, not where the role lives; and that arguments are well-typed is no news.
ROLE = re.compile(r"^openimage\.glance\.(\w+) : ")
NO_NEWS = re.compile(r"Validating arguments against arg spec")
RESULT = re.compile(r"(?P<status>ok|changed|skipping|included|fatal|failed): ")
# What a person must see in full; it lasts until the next header or result.
LOUD = re.compile(
    r"\[(WARNING|ERROR|DEPRECATION WARNING)\]|ERROR!|Traceback|NO MORE HOSTS|PLAY RECAP|fatal: |failed: |\.\.\.ignoring"
    r"|No store was proven "
)
# The worst that happened to a task on any host gives its mark.
WORST_LAST = ("", "skipping", "included", "ok", "changed", "failed", "fatal")
QUIET = ("", "skipping", "included")
EVERY = 10.0
"""Seconds between two signs of life from a long task where there is no terminal to tick on."""


def lines(source: int, patience: float) -> Iterator[str | None]:
    """Yield the lines of a file descriptor, and None whenever none came for so long."""
    rest = b""
    while True:
        if not select.select([source], [], [], patience)[0]:
            yield None
            continue
        data = os.read(source, 65536)
        if not data:
            break
        *complete, rest = (rest + data).split(b"\n")
        for line in complete:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")


def seconds(span: float) -> str:
    """Return a time span as a person likes to read it."""
    if span < 100:
        return f"{span:.{1 if span < 10 else 0}f} s"
    minutes, rest = divmod(int(span), 60)
    return f"{minutes} min {rest:02d} s"


class Progress:
    """What is shown of the run."""

    def __init__(self, screen: TextIO) -> None:
        self.screen = screen
        self.ticking = screen.isatty()
        self.width = max(20, min(60, shutil.get_terminal_size().columns - 20))
        self.task = ""
        self.status = ""
        self.loud = True
        self.started = self.told = time.monotonic()

    def feed(self, line: str) -> None:
        """Take a line of the run."""
        if header := HEADER.match(line):
            self.end_task()
            self.loud = False
            if header["kind"] == "PLAY":
                self.show(header["name"])
            else:
                self.task, self.status = ROLE.sub(r"\1: ", header["name"]), ""
                self.started = self.told = time.monotonic()
            return
        result = RESULT.match(line)
        if result:
            self.status = max(self.status, result["status"], key=WORST_LAST.index)
        if LOUD.match(line):
            if line.startswith("PLAY RECAP"):
                self.end_task()
            self.loud = True
        elif result:
            self.loud = False
        if self.loud and line.strip():
            self.show(f"    {line}")

    def tick(self) -> None:
        """Say that the task still runs."""
        now = time.monotonic()
        if not self.task or (now - self.told < EVERY and not self.ticking):
            return
        self.told = now
        self.screen.write(("\r\033[K" if self.ticking else "") + self.row("...", now) + ("" if self.ticking else "\n"))
        self.screen.flush()

    def end_task(self) -> None:
        """Say how the task went. Those with nothing to do are not worth a line."""
        if self.task and self.status not in QUIET and not (self.status == "ok" and NO_NEWS.search(self.task)):
            mark = "FAILED" if self.status in ("failed", "fatal") else self.status
            self.show(self.row(mark, time.monotonic()))
        self.task = ""

    def row(self, mark: str, now: float) -> str:
        """Return the line of the task, in the columns that the steps of quickstart.sh have as well."""
        name = self.task if len(self.task) <= self.width else self.task[: self.width - 2] + ".."
        return f"  {mark:<8} {name:<{self.width}} {seconds(now - self.started)}"

    def show(self, text: str) -> None:
        """Write a whole line."""
        self.screen.write(("\r\033[K" if self.ticking else "") + text + "\n")
        self.screen.flush()


def main() -> None:
    """Read the run from standard input until it ends."""
    # Ctrl-C is for ansible-playbook; what it says about it is shown and kept.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raw = sys.argv[1] == "--raw"
    progress = Progress(sys.stdout)
    with open(sys.argv[-1], "a", encoding="utf-8") as log:
        for line in lines(sys.stdin.fileno(), patience=1.0):
            if line is None:
                if not raw:
                    progress.tick()
                continue
            log.write(line + "\n")
            log.flush()
            if raw:
                print(line, flush=True)
            else:
                progress.feed(line)
    progress.end_task()


if __name__ == "__main__":
    main()

"""Where secrets must not be: what forms they take, and a look for them on a host and in what was printed."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


def forms(secret: str) -> set[str]:
    """Return how a secret looks after the quoting and escaping that it may have met on its way."""
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        shlex.quote(secret)[1:-1],
        secret.replace("'", "''"),
        secret.replace("$", "$$"),
        base64.b64encode(secret.encode()).decode().rstrip("="),
    }


def leaked(text: str, secrets: dict[str, str]) -> list[str]:
    """Return the names of the secrets that a text shows."""
    return sorted(name for name, secret in secrets.items() if any(form in text for form in forms(secret)))


# Runs on the host as root; PATTERNS (form -> name) and the function to call are put around it.
_ON_HOST = r'''
import os, stat, subprocess, sys

def found(content):
    return sorted({name for form, name in PATTERNS.items() if form.encode() in content})

def content(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # a process or a file that is gone by now
        return b""

def arguments():
    for number in filter(str.isdigit, os.listdir("/proc")):
        line = content(f"/proc/{number}/cmdline")
        if str(os.getpid()) != number and found(line):
            yield f"process {number}: {found(line)}"

def files(roots, readers):
    """Yield the regular files that show a secret: to everybody (readers 0o001/0o004), or also to root alone (0)."""
    for root in roots:
        for folder, folders, names in os.walk(root):
            if readers:
                folders[:] = [name for name in folders if os.lstat(os.path.join(folder, name)).st_mode & 0o001]
            for name in names:
                path = os.path.join(folder, name)
                try:
                    status = os.lstat(path)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode) and (not readers or status.st_mode & 0o004):
                    names_found = found(content(path))
                    if names_found:
                        yield f"{path} ({stat.filemode(status.st_mode)}): {names_found}"

def journal():
    text = subprocess.run(["journalctl", "--all", "--output=cat", "--no-pager"], capture_output=True, check=True).stdout
    lines = len(text.splitlines())
    if lines < 50:
        yield f"the journal has {lines} lines only: nothing was looked through"
    for line in text.splitlines():
        if found(line):
            yield f"journal: {found(line)}"
'''


def program(secrets: dict[str, str], call: str) -> str:
    """Return a program for the host that prints one line for each place with a secret. Give it by standard input.

    :param call: arguments(), files([directories], readers) or journal().
    """
    patterns = {form: name for name, secret in secrets.items() for form in forms(secret)}
    return f"PATTERNS = {patterns!r}\n{_ON_HOST}\nfor line in {call}:\n    print(line)\n"


def readable(lines: Iterable[str]) -> str:
    """Return lines for the message of an assertion."""
    return "\n".join(lines)

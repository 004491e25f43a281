#!/usr/bin/env python
"""Write the tables of variables in the roles' READMEs from their argument specifications and defaults.

Usage: role_readmes.py [--check]
With --check nothing is written; a README that is not up to date is an error.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?<=<!-- variables, by scripts/role_readmes\.py -->\n).*?(?=<!-- end of variables -->)", re.DOTALL)


def read(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file."""
    content: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    return content


def code(text: str) -> str:
    """Return a text as code in a cell of a table."""
    return f"`{text}`".replace("|", "\\|")


def prose(description: str | list[str]) -> str:
    """Return Ansible's markup as Markdown."""
    text = description if isinstance(description, str) else " ".join(description)
    text = re.sub(r"C\(docs/([\w.]+)\)", r"[docs/\1](../../docs/\1)", text)
    text = re.sub(r"P\(openimage\.glance\.(\w+)#role\)", r"[\1](../\1/README.md)", text)
    # An option of another role: its variables have unique names.
    text = re.sub(r"O\([\w.]+#role:\w+:(\w+)\)", r"`\1`", text)
    text = re.sub(r"[CVOE]\(([^)]*)\)", r"`\1`", text)
    return text.replace("|", "\\|")


def default(name: str, option: dict[str, Any], defaults: dict[str, Any]) -> str:
    """Return the cell of the default; a secret has none."""
    if option.get("required"):
        return "required"
    if option.get("no_log") or name not in defaults:
        return ""
    value = defaults[name]
    return code(value if isinstance(value, str) and value else json.dumps(value))


def kind(option: dict[str, Any]) -> str:
    """Return the cell of the type."""
    text = f"list of {option['elements']}" if option["type"] == "list" else str(option["type"])
    return f"{text}, secret" if option.get("no_log") else text


def rows(options: dict[str, Any], defaults: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the rows of options, and of what their entries consist of."""
    for name, option in options.items():
        cells = [
            code(prefix + name),
            kind(option),
            default(prefix + name, option, defaults),
            prose(option["description"]),
        ]
        if "choices" in option:
            cells[-1] += f" One of {', '.join(code(choice) for choice in option['choices'] if choice)}."
        yield f"| {' | '.join(cells)} |"
        yield from rows(option.get("options", {}), defaults, f"{prefix}{name}[].")


def table(role: Path) -> str:
    """Return all variables of a role."""
    specs = read(role / "meta" / "argument_specs.yml")["argument_specs"]
    defaults = read(role / "defaults" / "main.yml")
    parts = []
    for entry_point, spec in specs.items():
        title = "" if entry_point == "main" else f"Entry point `{entry_point}` ({spec['short_description']}):\n\n"
        lines = list(rows(spec["options"], defaults))
        if lines:
            head = "| Variable | Type | Default | Meaning |\n|---|---|---|---|\n"
            parts.append(title + head + "\n".join(lines) + "\n")
        else:
            parts.append(f"{title}None of its own.\n")
    return "\n" + "\n".join(parts) + "\n"


def main() -> None:
    """Write, or check, every README."""
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for role in sorted((REPOSITORY / "roles").iterdir()):
        readme = role / "README.md"
        text = readme.read_text()
        new, count = BLOCK.subn(table(role).replace("\\", "\\\\"), text)
        if count != 1:
            sys.exit(f"{readme.relative_to(REPOSITORY)}: the lines around the table of variables are missing")
        if new != text:
            stale.append(str(readme.relative_to(REPOSITORY)))
            if not check:
                readme.write_text(new)
    if stale:
        print(f"{'Not up to date, run scripts/role_readmes.py' if check else 'Written'}: {', '.join(stale)}")
    sys.exit(check and bool(stale))


if __name__ == "__main__":
    main()

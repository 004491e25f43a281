# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of Glance's schema and what is to be done about it; pure decisions. PRIVATE to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_NAMES = """
    alembic_version artifact_blob_locations artifact_blobs artifact_dependencies artifact_properties artifact_tags
    artifacts cached_images node_reference image_locations image_members image_properties image_tags images
    metadef_namespace_resource_types metadef_namespaces metadef_objects metadef_properties metadef_resource_types
    metadef_tags task_info tasks
"""
GLANCE_TABLES = frozenset(_NAMES.split())
"""Every table that Glance's migrations make, those that they drop again included."""

NEEDS = {0: "nothing", 3: "expand", 4: "migrate", 5: "contract"}
"""What ``glance-manage db check`` means with its exit code."""

PHASES = ("expand", "migrate", "contract")
Step = dict[str, Any]


@dataclass(frozen=True)
class Metadefs:
    """Metadata definitions: those of the release's files against those of the database."""

    path: str
    digest: str
    total: int
    missing: list[str]
    incomplete: list[str]
    marker: dict[str, Any] | None


@dataclass(frozen=True)
class State:
    """What Glance and the database say."""

    needs: str
    """The phase that is next, "nothing", or "unknown" when nothing could be asked yet."""
    heads: list[str]
    target: str
    """The revision of this release when it is complete; empty when unknown."""
    tables: dict[str, bool | None]
    """Table -> whether it is empty, None when it is not Glance's; filled only when something is needed."""
    metadefs: Metadefs | None

    @property
    def schema(self) -> str:
        """Return one word for people: current, empty, interrupted, uncontrolled, outdated or unknown."""
        if self.needs == "unknown":
            return "unknown"
        if self.needs == "nothing":
            return "current"
        if not self.tables or set(self.tables) == {"alembic_version"}:
            return "empty"
        if self.heads:
            return "outdated"
        return "interrupted" if self.disposable else "uncontrolled"

    @property
    def used(self) -> list[str]:
        """Return the tables that hold rows."""
        return [name for name, empty in self.tables.items() if empty is False and name != "alembic_version"]

    @property
    def disposable(self) -> bool:
        """Return whether nothing would be lost with the tables: all are Glance's, and all are empty."""
        if self.needs == "nothing" or not self.tables:
            return False
        return all(empty for name, empty in self.tables.items() if name != "alembic_version")

    @property
    def foreign(self) -> list[str]:
        """Return the tables that are not Glance's."""
        return [name for name, empty in self.tables.items() if empty is None]

    @property
    def obstacle(self) -> str:
        """Return why nothing may be done to this database at all; empty when something may."""
        if self.foreign and "images" not in self.tables:
            return (
                f"it holds tables of other software ({', '.join(self.foreign[:5])}) and none of Glance's. "
                "To do: correct the database's name in [database] connection, or give Glance a database of its own."
            )
        if self.schema == "uncontrolled":
            kept = f"rows in {', '.join(self.used[:5])}" if self.used else f"also {', '.join(self.foreign[:5])}"
            return (
                f"it holds tables of Glance but no revision, and cannot be made anew ({kept}). To do: restore its "
                "backup; or, when you know that the tables are complete, record their revision with 'glance-manage db "
                "version_control --version REVISION'; or drop the tables when nothing in them is needed."
            )
        return ""

    def shown(self) -> dict[str, Any]:
        """Return it as the module's result and diff show it."""
        shown: dict[str, Any] = {"schema": self.schema, "needs": self.needs, "revisions": self.heads}
        if self.metadefs is not None:
            held = self.metadefs.total - len(self.metadefs.missing)
            shown["metadefs"] = f"{held} of {self.metadefs.total} namespaces" if self.metadefs.total else "unknown"
            marker = self.metadefs.marker
            shown["metadefs_digest"] = marker["digest"] if marker else ""
        return shown


def state_from(answer: dict[str, Any]) -> State:
    """Return the state that Glance's side reported."""
    told = answer["metadefs"]
    metadefs = None
    if told is not None:
        metadefs = Metadefs(
            told["path"], told["digest"], told["total"], told["missing"], told["incomplete"], answer["marker"]
        )
    return State(NEEDS[answer["check"]], answer["heads"], answer["target"], answer["tables"], metadefs)


def unknown_state(load_metadefs: bool) -> State:
    """Return what is true of a host on which nothing can be asked yet."""
    metadefs = Metadefs("", "", 0, [], [], None) if load_metadefs else None
    return State("unknown", [], "", {}, metadefs)


@dataclass
class Plan:
    """Steps for Glance's side, each that changes something with a sentence, and why nothing can be done."""

    steps: list[Step] = field(default_factory=list)
    refusal: str = ""

    def run(self, words: list[str], why: str) -> None:
        """Add a glance-manage command."""
        self.steps.append({"do": "run", "words": words, "say": f"glance-manage {' '.join(words)} ({why})"})

    def drop(self, tables: list[str], why: str) -> None:
        """Add the removal of empty tables."""
        self.steps.append({"do": "drop", "tables": tables, "say": f"dropped empty tables {', '.join(tables)} ({why})"})

    @property
    def actions(self) -> list[str]:
        """Return a sentence for each change."""
        return sentences(self.steps)


def sentences(steps: list[Step]) -> list[str]:
    """Return what the steps change, in words."""
    return [step["say"] for step in steps if "say" in step]


def decide(state: State, mode: str, check_mode: bool = False) -> Plan:
    """Return what brings the schema and then the definitions up to date.

    In check mode a phase is predicted although the phase before it has not run.
    """
    plan = Plan(refusal=state.obstacle)
    if plan.refusal:
        return plan
    if mode == "sync":
        _sync(plan, state)
    else:
        _phase(plan, state, mode, check_mode)
    if state.metadefs is not None and mode in ("sync", "contract") and not plan.refusal:
        _definitions(plan, state.metadefs)
    return plan


def _sync(plan: Plan, state: State) -> None:
    if state.needs == "nothing":
        return
    if state.schema == "interrupted":
        plan.drop(sorted(state.tables), "left by an interrupted first run; none holds a row")
    plan.run(["db", "sync"], _because(state))


def _because(state: State) -> str:
    return {
        "unknown": "nothing could be asked yet",
        "empty": "the database is empty",
        "interrupted": "the first run was interrupted",
        "outdated": f"at {', '.join(state.heads)}, needs {state.needs}",
    }[state.schema]


def _phase(plan: Plan, state: State, mode: str, check_mode: bool) -> None:
    """Do a phase when its turn has come; refuse it before that. After that it has nothing to do."""
    if state.needs == "unknown":
        plan.run(["db", mode], _because(state))
        return
    if state.needs == "nothing" or PHASES.index(state.needs) > PHASES.index(mode):
        return
    if state.needs == mode:
        plan.run(["db", mode], _because(state))
    elif check_mode:
        plan.run(["db", mode], f"after db {state.needs}")
    else:
        plan.refusal = (
            f"it needs '{state.needs}' first (revision {', '.join(state.heads) or 'none'}). To do: run this module "
            f"with mode={state.needs} before mode={mode}, or stop all glance-api services and use mode=sync."
        )


def _definitions(plan: Plan, metadefs: Metadefs) -> None:
    """Load the definitions once, complete a half load, refresh them after an upgrade.

    Without a marker a load may have been cut off inside a namespace, so each part counts. With one, a part that is gone
    was taken out by somebody since, and stays out.
    """
    marker = metadefs.marker
    lacking = list(metadefs.missing) if marker else metadefs.missing + metadefs.incomplete
    if marker and marker["digest"] != metadefs.digest:
        options, how, why = ["--merge", "--prefer_new"], "refreshed", "the release's definitions have changed"
    elif len(metadefs.missing) == metadefs.total:
        options, how, why = [], "loaded", "none is in the database" if metadefs.total else "nothing could be asked yet"
    elif lacking:
        options, how = ["--merge"], "completed"
        why = f"not in the database: {', '.join(lacking[:3])}{' …' if len(lacking) > 3 else ''}"
    else:
        if not marker:
            say = "noted that the metadata definitions are complete"
            plan.steps.append({"do": "remember", "how": "found complete", "say": say})
        return
    # Forgotten first: a load that is cut off must not look complete to the next run.
    plan.steps.append({"do": "forget"})
    plan.run(["db", "load_metadefs", *options, *(["--path", metadefs.path] if metadefs.path else [])], why)
    plan.steps.append({"do": "remember", "how": how})


def predicted(state: State, plan: Plan, mode: str) -> dict[str, Any]:
    """Return what :meth:`State.shown` will say once the plan is done, as far as it can be known before."""
    shown = state.shown()
    commands = [step["words"][1] for step in plan.steps if step["do"] == "run"]
    if mode in commands:
        done = mode in ("sync", "contract")
        shown["schema"], shown["needs"] = ("current", "nothing") if done else ("outdated", "migrate or contract")
        shown["revisions"] = [state.target] if done and state.target else shown["revisions"]
    if state.metadefs is not None and any(step["do"] == "remember" for step in plan.steps):
        total = state.metadefs.total
        shown["metadefs"] = f"{total} of {total} namespaces" if total else "all namespaces"
        shown["metadefs_digest"] = state.metadefs.digest
    return shown


def heal(state: State, table: str) -> Plan:
    """Return what makes way for a migration that met what an interrupted run left; no steps when nothing is safe.

    :param state: the state after the failed command.
    :param table: the table that it could not create, because it is there already.
    """
    plan = Plan()
    if state.disposable:
        plan.drop(sorted(state.tables), "left by an interrupted run; none holds a row")
    elif state.heads and state.tables.get(table):
        plan.drop([table], f"made by an interrupted migration after {', '.join(state.heads)}; it holds no row")
    return plan

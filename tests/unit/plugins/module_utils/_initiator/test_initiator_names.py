"""Names by which storage knows a host: kept, or made anew."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._initiator import names

ISCSI, HOSTNQN, HOSTID = names.KINDS
MACHINE, OTHER = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
IMAGE = {
    ISCSI: "## DO NOT EDIT\nInitiatorName=iqn.1993-08.org.debian:01:52b88fd5fa4c\n",
    HOSTNQN: "nqn.2014-08.org.nvmexpress:uuid:e05f6866-52db-4052-8d0f-7883778db637\n",
    HOSTID: "5d0d18c9-f5d7-4d21-ac0f-6ba33943d61c\n",
}


@pytest.mark.parametrize("kind", names.KINDS)
def test_a_name_that_came_with_the_image_is_replaced(kind: names.Kind) -> None:
    found = names.Found(IMAGE[kind], written=100.0)
    first, second = (names.decide(kind, found, machine, 200.0, False) for machine in (MACHINE, OTHER))
    assert first.name != second.name and first.name not in IMAGE[kind]
    assert "came with the image" in first.reason and not first.warning
    again = names.Found(names.content(kind, first.name), written=300.0)
    assert names.decide(kind, again, MACHINE, 200.0, False) == names.Decision(kind, first.name, "")
    # A machine whose clock was wrong when it wrote the name.
    assert names.decide(kind, names.Found(again.text, 1.0), MACHINE, 200.0, False).reason == ""


@pytest.mark.parametrize("kind", names.KINDS)
def test_a_name_that_is_younger_than_the_machine_stays(kind: names.Kind) -> None:
    decision = names.decide(kind, names.Found(IMAGE[kind], 200.0), MACHINE, 200.0, False)
    assert decision.reason == "" and decision.name in IMAGE[kind]


@pytest.mark.parametrize("kind", names.KINDS)
@pytest.mark.parametrize("text", [None, "", "\n", "# nothing\nGenerateName=yes\n"])
def test_a_missing_name_is_made(kind: names.Kind, text: str | None) -> None:
    if kind is not ISCSI and text and text.strip():
        return
    decision = names.decide(kind, names.Found(text, 900.0), MACHINE, 200.0, False)
    assert decision.name == names.own_name(kind, MACHINE) and decision.reason


@pytest.mark.parametrize("kind", names.KINDS)
def test_a_name_does_not_change_under_connections(kind: names.Kind) -> None:
    decision = names.decide(kind, names.Found(IMAGE[kind], 100.0), MACHINE, 200.0, True)
    assert decision.reason == "" and decision.name in IMAGE[kind]
    assert "connections use it now" in decision.warning


def test_the_forms_of_names() -> None:
    assert names.own_name(ISCSI, MACHINE).startswith("iqn.1993-08.org.debian:01:")
    # The kernel refuses one NQN with two host ids.
    assert names.own_name(HOSTNQN, MACHINE) == "nqn.2014-08.org.nvmexpress:uuid:" + names.own_name(HOSTID, MACHINE)
    assert names.name_in(ISCSI, "InitiatorName= iqn.2026-01.org.example:a \n") == "iqn.2026-01.org.example:a"

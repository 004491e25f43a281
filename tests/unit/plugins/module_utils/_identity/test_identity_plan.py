"""The plan for Keystone: what is missing is planned once, what is there is left alone, what is unclear stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._identity.plan import (
    Found,
    Grant,
    Granted,
    Ref,
    Wanted,
    plan,
)
from hypothesis import given
from hypothesis import strategies as st

INTERFACES = ("public", "internal", "admin")
WANTED = Wanted(
    domain="Default",
    project="service",
    user="glance",
    password="p@ss:/w%rd#'\"",
    roles=("admin", "service"),
    system_roles=("reader",),
    service_name="glance",
    service_type="image",
    service_description=None,
    region="RegionOne",
    endpoints={interface: f"http://{interface}:9292" for interface in INTERFACES},
)


def service(**changes: Any) -> dict[str, Any]:
    return {"id": "s1", "name": "glance", "type": "image", "enabled": True, **changes}


def endpoint(interface: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"e-{interface}",
        "service_id": "s1",
        "interface": interface,
        "region_id": "RegionOne",
        "url": f"http://{interface}:9292",
        "enabled": True,
        **changes,
    }


COMPLETE = Found(
    domain={"id": "default", "name": "Default", "enabled": True},
    project={"id": "p1", "name": "service", "enabled": True},
    user={"id": "u1", "name": "glance", "enabled": True, "default_project_id": "p1"},
    login=True,
    roles={"admin": "r1", "service": "r2", "reader": "r3"},
    project_roles=frozenset({"admin", "service"}),
    system_roles=frozenset({"reader"}),
    identity_regions=frozenset({"RegionOne", "West"}),
    services=(service(),),
    endpoints=tuple(endpoint(interface) for interface in INTERFACES),
)
EMPTY = Found(domain=COMPLETE.domain, identity_regions=COMPLETE.identity_regions)


def test_complete_means_nothing_to_do() -> None:
    result = plan(WANTED, COMPLETE)
    assert (result.actions, result.warnings, result.problems) == ([], [], [])
    assert result.diff() == {"before": {}, "after": {}}
    assert result.ids["service", "glance"] == "s1" and result.ids["endpoint", "admin"] == "e-admin"


def test_empty_means_everything_in_an_order_in_which_it_can_be_done() -> None:
    result = plan(WANTED, EMPTY)
    assert not result.problems
    there = {("domain", "Default"), *(("role", name) for name in EMPTY.roles)}
    for action in result.actions:
        for value in action.body.values():
            if isinstance(value, Ref):
                assert (value.kind, value.name) in there, action.sentence
        if action.verb == "grant":
            assert {("role", action.name), ("user", "glance"), ("project", "service")} <= there
        there.add((action.kind, action.name))
    assert [action.verb for action in result.actions].count("create") == 9
    assert [action.verb for action in result.actions].count("grant") == 3


# Each half is what Keystone may hold of one thing; any mixture must be planned without contradiction.
MIXTURES = st.fixed_dictionaries(
    {
        "project": st.sampled_from([COMPLETE.project, None, {**(COMPLETE.project or {}), "enabled": False}]),
        "user": st.sampled_from([COMPLETE.user, None, {**(COMPLETE.user or {}), "enabled": False}]),
        "login": st.sampled_from([True, False, None]),
        "roles": st.sampled_from([COMPLETE.roles, {}, {"admin": "r1"}]),
        "endpoints": st.lists(st.sampled_from(COMPLETE.endpoints), unique_by=lambda item: item["id"]).map(tuple),
    }
)


@given(MIXTURES)
def test_every_step_names_what_it_changes_and_no_step_shows_the_password(mixture: dict[str, Any]) -> None:
    result = plan(WANTED, replace(COMPLETE, **mixture))
    assert not result.problems
    names = [(action.kind, action.name) for action in result.actions]
    assert len(set(names)) == len(names), "one step for one thing"
    for action in result.actions:
        assert action.before != action.after and action.sentence
    assert WANTED.password not in repr(result) + str(result.diff()) + str(result.sentences()) + repr(WANTED)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"login": False}, "update user 'glance': set its password (Keystone refuses the login with it)"),
        (
            {"user": {"id": "u1", "enabled": True, "default_project_id": None}},
            "update user 'glance': make 'service' its default project",
        ),
        ({"project": {"id": "p1", "enabled": False}}, "enable project 'service'"),
        ({"project_roles": frozenset({"admin"})}, "give user 'glance' the role 'service' in project 'service'"),
        ({"system_roles": frozenset()}, "give user 'glance' the role 'reader' on the system"),
        (
            {"services": (service(name="image"),)},
            "update service 'image' of type 'image': name from 'image' to 'glance'",
        ),
        (
            {"endpoints": (endpoint("public"), endpoint("internal"), endpoint("admin", url="http://old"))},
            "update the admin endpoint of 'image' in region 'RegionOne': "
            "change its URL from http://old to http://admin:9292",
        ),
    ],
)
def test_one_thing_wrong_is_one_step(changes: dict[str, Any], sentence: str) -> None:
    assert plan(WANTED, replace(COMPLETE, **changes)).sentences() == [sentence]


def test_a_description_is_compared_only_when_given() -> None:
    described = replace(COMPLETE, services=(service(description="by hand"),))
    assert not plan(WANTED, described).actions
    assert len(plan(replace(WANTED, service_description="OpenStack Image"), described).actions) == 1
    assert len(plan(replace(WANTED, service_description="OpenStack Image"), COMPLETE).actions) == 1


def test_the_domain_must_be_there_and_enabled() -> None:
    assert "no domain named 'Default'" in plan(WANTED, Found()).problems[0]
    assert not plan(WANTED, Found(), assume_absent=True).problems
    disabled = replace(COMPLETE, domain={"id": "default", "enabled": False})
    assert "disabled" in plan(WANTED, disabled).problems[0]


def test_plan_refuses_a_region_without_identity_endpoint_and_lists_those_with_one() -> None:
    wrong = replace(WANTED, region="regionone")
    (problem,) = plan(wrong, EMPTY).problems
    assert (
        "no identity endpoint in 'regionone'" in problem
        and "It has identity endpoints in 'RegionOne', 'West'" in problem
    )
    assert plan(wrong, EMPTY, assume_region=True).problems == plan(wrong, Found(), assume_absent=True).problems == []
    assert plan(replace(wrong, endpoints={}), EMPTY).problems == []
    (problem,) = plan(WANTED, replace(EMPTY, identity_regions=frozenset())).problems
    assert "It has identity endpoints in no region" in problem


def test_twins_stop_and_are_listed() -> None:
    twins = replace(COMPLETE, services=(service(), service(id="s2")))
    problem = plan(WANTED, twins).problems[0]
    assert "s1" in problem and "s2" in problem and "2 of them have the name 'glance'" in problem
    assert "s2 ('glance'): no endpoints" in problem and "openstack service delete" in problem


def test_others_of_the_type_stop_only_when_clients_could_take_them() -> None:
    other = service(id="s2", name="old")
    theirs = endpoint("public", id="e2", service_id="s2")

    def found(other: dict[str, Any], *endpoints: dict[str, Any]) -> Found:
        return replace(COMPLETE, services=(other, service()), endpoints=(*COMPLETE.endpoints, *endpoints))

    leftover = plan(WANTED, found(other))
    assert not leftover.problems and not leftover.actions and "s2" in leftover.warnings[0]
    rival = plan(WANTED, found(other, theirs))
    assert "only s1 has the name 'glance'" in rival.problems[0]
    for harmless in (
        found({**other, "enabled": False}, theirs),
        found(other, {**theirs, "region_id": "West"}),
        found(other, {**theirs, "enabled": False}),
    ):
        assert not plan(WANTED, harmless).problems


def test_the_only_service_is_not_renamed_while_it_serves_another_region() -> None:
    found = replace(COMPLETE, services=(service(name="west"),), endpoints=(endpoint("public", region_id="West"),))
    assert "set the service name to 'west'" in plan(WANTED, found).problems[0]
    assert not plan(replace(WANTED, service_name="west"), found).problems


def test_twin_endpoints_stop_and_say_which_has_the_wanted_url() -> None:
    twin = endpoint("public", id="e2", url="http://old")
    found = replace(COMPLETE, endpoints=(*COMPLETE.endpoints, twin))
    result = plan(replace(WANTED, region="RegionOne"), found)
    assert "only e-public has the wanted URL" in result.problems[0] and "e2  http://old" in result.problems[0]
    beside = replace(COMPLETE, endpoints=(*COMPLETE.endpoints, {**twin, "enabled": False}))
    result = plan(WANTED, beside)
    assert not result.problems and not result.actions and "openstack endpoint delete e2" in result.warnings[0]


GRANT = Grant("admin", "admin", "Default", ("swiftoperator", "admin"))
OTHERS = replace(WANTED, other_roles=("ResellerAdmin", "admin"), grants=(GRANT,))
ADMIN = Granted({"id": "u0"}, {"id": "p0"}, frozenset({"admin"}))


def test_roles_of_others_are_created_once_and_given() -> None:
    result = plan(OTHERS, replace(COMPLETE, granted=(ADMIN,)))
    assert result.sentences() == [
        "create role 'ResellerAdmin'",
        "create role 'swiftoperator'",
        "give user 'admin' the role 'swiftoperator' in project 'admin'",
    ]
    assert result.actions[-1].body == {"user": "u0", "project": "p0", "role": Ref("role", "swiftoperator")}
    assert result.diff()["after"]["role swiftoperator of admin in admin"]["user"] == "admin"


def test_roles_that_others_have_are_left_alone() -> None:
    roles = {**COMPLETE.roles, "ResellerAdmin": "r4", "swiftoperator": "r5"}
    held = replace(ADMIN, roles=frozenset({"admin", "swiftoperator", "member"}))
    assert plan(OTHERS, replace(COMPLETE, roles=roles, granted=(held,))).actions == []


def test_others_must_be_there_but_not_while_there_is_no_keystone() -> None:
    problems = plan(OTHERS, replace(COMPLETE, granted=(replace(ADMIN, user=None),))).problems
    assert len(problems) == 1
    assert problems[0].startswith("grants[0].user: Keystone has no user named 'admin' in domain 'Default'.")
    assert plan(OTHERS, Found(), assume_absent=True).problems == []

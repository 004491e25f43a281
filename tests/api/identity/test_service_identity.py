"""service_identity against a real Keystone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from keystone_server import ADMIN_PASSWORD, Keystone, Run, register_keystone
from keystoneauth1.adapter import Adapter

FRESH = [
    "create project '{project}' in domain 'Default'",
    "create user '{user}' in domain 'Default'",
    "create role '{role}'",
    "give user '{user}' the role 'admin' in project '{project}'",
    "give user '{user}' the role '{role}' in project '{project}'",
    "create service '{service_name}' of type '{service_type}'",
    "create the public endpoint of '{service_type}' in region '{region}': http://public.example.org:9292",
    "create the internal endpoint of '{service_type}' in region '{region}': http://internal.example.org:9292",
    "create the admin endpoint of '{service_type}' in region '{region}': http://admin.example.org:9292",
]


def fresh_actions(site: dict[str, Any]) -> list[str]:
    return [line.format(**site, role=site["roles"][1]) for line in FRESH]


def unchanged(result: dict[str, Any]) -> bool:
    return not result["changed"] and not result["actions"] and result["diff"] == {"before": {}, "after": {}}


def log_in(keystone: Keystone, site: dict[str, Any], admin: Adapter, password: str | None = None) -> int:
    """Return the HTTP status of a login as the service, scoped to its project."""
    domain = {"id": "default"}
    user = {"name": site["user"], "domain": domain, "password": password or site["password"]}
    scope = {"project": {"name": site["project"], "domain": domain}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    return admin.post("/auth/tokens", json=body, authenticated=False, raise_exc=False).status_code


def test_from_nothing_to_everything_and_then_nothing(
    run: Run, site: dict[str, Any], keystone: Keystone, admin: Adapter
) -> None:
    predicted = run(site, check=True)
    assert predicted["actions"] == fresh_actions(site)
    assert predicted["changed"] and predicted["user_id"] is None
    assert not admin.get(f"/users?name={site['user']}").json()["users"], "check mode must not create anything"

    done = run(site)
    assert done["actions"] == predicted["actions"]
    assert done["diff"] == predicted["diff"]
    assert log_in(keystone, site, admin) == 201
    user = admin.get(f"/users/{done['user_id']}").json()["user"]
    assert (user["enabled"], user["default_project_id"]) == (True, done["project_id"])
    for interface, url in site["endpoints"].items():
        endpoint = admin.get(f"/endpoints/{done['endpoints'][interface]['id']}").json()["endpoint"]
        assert (endpoint["url"], endpoint["region_id"]) == (url, site["region"])
        assert endpoint["service_id"] == done["service_id"]

    assert unchanged(run(site, check=True))
    again = run(site)
    assert unchanged(again)
    assert again["endpoints"] == done["endpoints"] and again["service_id"] == done["service_id"]


def test_a_wrong_password_is_set_and_only_then(
    run: Run, site: dict[str, Any], keystone: Keystone, admin: Adapter
) -> None:
    run(site)
    other = "änother$pass%(x)s"
    predicted = run(site, check=True, password=other)
    assert predicted["actions"] == [
        f"update user '{site['user']}': set its password (Keystone refuses the login with it)"
    ]
    assert log_in(keystone, site, admin) == 201
    assert run(site, password=other)["actions"] == predicted["actions"]
    assert log_in(keystone, site, admin) == 401
    assert log_in(keystone, site, admin, other) == 201
    assert unchanged(run(site, password=other))


def test_what_is_disabled_is_enabled(run: Run, site: dict[str, Any], keystone: Keystone, admin: Adapter) -> None:
    done = run(site)
    endpoint_id = done["endpoints"]["internal"]["id"]
    for kind, item_id in (
        ("project", done["project_id"]),
        ("user", done["user_id"]),
        ("service", done["service_id"]),
        ("endpoint", endpoint_id),
    ):
        admin.patch(f"/{kind}s/{item_id}", json={kind: {"enabled": False}})
    expected = [
        f"enable project '{site['project']}'",
        f"update user '{site['user']}': enable it, set its password (it cannot be checked while disabled)",
        f"update service '{site['service_name']}' of type '{site['service_type']}': enabled from False to True",
        f"update the internal endpoint of '{site['service_type']}' in region '{site['region']}': enable it",
    ]
    assert run(site, check=True)["actions"] == expected
    assert run(site)["actions"] == expected
    assert log_in(keystone, site, admin) == 201
    assert unchanged(run(site))


def test_a_lost_role_is_given_back_and_the_password_left_alone(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    done = run(site)
    held = f"/projects/{done['project_id']}/users/{done['user_id']}/roles"
    for role in admin.get(held).json()["roles"]:
        admin.delete(f"{held}/{role['id']}")
    assert run(site)["actions"] == [
        f"give user '{site['user']}' the role '{role}' in project '{site['project']}'" for role in site["roles"]
    ]
    assert unchanged(run(site))


def test_roles_on_the_system(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    done = run(site)
    wanted = {**site, "system_roles": ["reader"]}
    expected = [f"give user '{site['user']}' the role 'reader' on the system"]
    assert run(wanted, check=True)["actions"] == expected
    assert run(wanted)["actions"] == expected
    roles = admin.get(f"/system/users/{done['user_id']}/roles").json()["roles"]
    assert [role["name"] for role in roles] == ["reader"]
    assert unchanged(run(wanted))


def test_changed_names_and_urls_are_updated_in_place(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    done = run(site)
    url = "https://image.example.org"
    wanted = {
        **site,
        "service_name": "renamed" + site["service_name"],
        "service_description": "OpenStack Image",
        "endpoints": {**site["endpoints"], "public": url},
    }
    result = run(wanted)
    assert result["service_id"] == done["service_id"]
    assert result["endpoints"]["public"] == {**done["endpoints"]["public"], "url": url}
    assert len(result["actions"]) == 2
    after = result["diff"]["after"]
    assert after["endpoint public"] == {"url": url}
    assert after[f"service {wanted['service_name']}"] == {
        "name": wanted["service_name"],
        "description": "OpenStack Image",
    }
    assert len(admin.get(f"/endpoints?service_id={done['service_id']}").json()["endpoints"]) == 3
    assert unchanged(run(wanted))
    assert unchanged(run({**wanted, "service_description": None})), "a description that is not given is not compared"


def test_another_region_joins_the_same_service(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    first = run(site)
    register_keystone(admin, site["region"] + "West")
    second = run(site, region=site["region"] + "West")
    assert second["service_id"] == first["service_id"]
    assert len(second["actions"]) == 3
    assert unchanged(run(site)) and unchanged(run(site, region=site["region"] + "West"))


@pytest.mark.parametrize("check", [True, False])
def test_service_identity_refuses_a_region_without_identity_endpoint_and_changes_nothing(
    run: Run, site: dict[str, Any], admin: Adapter, check: bool
) -> None:
    right, wrong = site["region"], site["region"] + "East"
    register_keystone(admin, wrong, enabled=False)
    result = run(site, check=check, region=wrong)
    assert result["failed"] and "Nothing was changed" in result["msg"]
    assert f"no identity endpoint in '{wrong}'" in result["msg"] and f"'{right}'" in result["msg"]
    assert not admin.get(f"/services?type={site['service_type']}").json()["services"]
    assert not admin.get(f"/users?name={site['user']}").json()["users"]
    unknown = run(site, check=check, region="Region that nobody made")
    assert unknown["failed"] and "'RegionOne'" in unknown["msg"]
    assert admin.get("/regions/Region that nobody made", raise_exc=False).status_code == 404


def test_check_mode_assumes_the_region_that_a_lab_host_would_get(run: Run, site: dict[str, Any]) -> None:
    elsewhere = {**site, "region": site["region"] + "North", "assume_absent": True}
    assert run(elsewhere, check=True)["changed"]
    assert run(elsewhere)["failed"]


def test_duplicate_services_stop_before_anything_changes(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    done = run(site)
    body = {"service": {"name": site["service_name"], "type": site["service_type"]}}
    twin = admin.post("/services", json=body).json()["service"]["id"]
    for check in (True, False):
        result = run(site, check=check, system_roles=["reader"])
        assert result["failed"]
        for text in ("Nothing was changed", done["service_id"], twin, "openstack service delete", "no endpoints"):
            assert text in result["msg"]
    assert not admin.get(f"/system/users/{done['user_id']}/roles").json()["roles"]
    admin.delete(f"/services/{twin}")
    assert unchanged(run(site))


def test_a_leftover_service_of_another_name_is_a_warning(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    run(site)
    body = {"service": {"name": "old", "type": site["service_type"]}}
    old = admin.post("/services", json=body).json()["service"]["id"]
    result = run(site)
    assert unchanged(result)
    assert any(old in json.dumps(warning) for warning in result["warnings"])
    endpoint = {"service_id": old, "interface": "public", "region_id": site["region"], "url": "http://old.example.org"}
    admin.post("/endpoints", json={"endpoint": endpoint})
    result = run(site)
    assert result["failed"] and "http://old.example.org" in result["msg"]


def test_duplicate_endpoints_stop_before_anything_changes(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    done = run(site)
    twin = {
        "service_id": done["service_id"],
        "interface": "public",
        "region_id": site["region"],
        "url": "http://wrong.example.org",
    }
    twin_id = admin.post("/endpoints", json={"endpoint": twin}).json()["endpoint"]["id"]
    result = run(site, password="another")
    right = done["endpoints"]["public"]["id"]
    assert result["failed"] and f"only {right} has the wanted URL" in result["msg"] and twin_id in result["msg"]
    assert unchanged_password(run, site, admin, twin_id)
    admin.patch(f"/endpoints/{twin_id}", json={"endpoint": {"enabled": False}})
    result = run(site)
    assert unchanged(result) and any(twin_id in json.dumps(warning) for warning in result["warnings"])


def unchanged_password(run: Run, site: dict[str, Any], admin: Adapter, twin_id: str) -> bool:
    """Return whether the right password still is the right one, seen without the duplicate."""
    admin.patch(f"/endpoints/{twin_id}", json={"endpoint": {"enabled": False}})
    result = unchanged(run(site))
    admin.patch(f"/endpoints/{twin_id}", json={"endpoint": {"enabled": True}})
    return result


def test_the_domain_must_exist_and_may_be_named_by_id(run: Run, site: dict[str, Any]) -> None:
    result = run(site, domain="nowhere")
    assert result["failed"] and "no domain named 'nowhere'" in result["msg"]
    run(site)
    assert unchanged(run(site, domain="default"))


def test_a_refused_login_names_who_and_where(run: Run, site: dict[str, Any], keystone: Keystone) -> None:
    wrong = {**keystone.auth(), "password": "not-it-at-all"}
    result = run(site, auth=wrong)
    assert result["failed"]
    assert f"{keystone.url}/v3 refused the login (HTTP 401) of user 'admin' in project 'admin'" in result["msg"]
    assert "not-it-at-all" not in json.dumps(result) and ADMIN_PASSWORD not in json.dumps(result)


def test_somebody_without_rights_is_told_so(run: Run, site: dict[str, Any], keystone: Keystone) -> None:
    run(site, roles=["member"])
    somebody = {
        **keystone.auth(),
        "username": site["user"],
        "password": site["password"],
        "project_name": site["project"],
    }
    result = run(site, auth=somebody)
    assert result["failed"] and "HTTP 403" in result["msg"] and "administrator" in result["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_without_keystone_only_a_check_that_assumes_so_succeeds(run: Run, site: dict[str, Any], check: bool) -> None:
    away = {**site, "auth": {**site["auth"], "auth_url": "http://127.0.0.1:9/v3"}}
    result = run(away, check=check)
    assert result["failed"] and "127.0.0.1:9 cannot be reached" in result["msg"] and "refused" in result["msg"]
    result = run(away, check=check, assume_absent=True)
    if check:
        assert result["changed"] and len(result["actions"]) == len(FRESH) + 1  # the role admin, too
    else:
        assert result["failed"]


def test_named_cloud_is_a_login_and_a_dictionary_is_refused(
    run: Run, site: dict[str, Any], keystone: Keystone, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(site)
    cloud = {"auth": {**keystone.auth(), "user_domain_name": "Default", "project_domain_name": "Default"}}
    without = {key: value for key, value in site.items() if key != "auth"}
    refused = run({**without, "cloud": cloud})
    assert refused["failed"] and "cloud is a dictionary" in refused["msg"]
    assert cloud["auth"]["password"] not in json.dumps(refused)
    (tmp_path / "clouds.yaml").write_text(json.dumps({"clouds": {"here": cloud}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    assert unchanged(run({**without, "cloud": "here"}))


def test_an_object_store_with_roles_of_others(run: Run, site: dict[str, Any], admin: Adapter) -> None:
    """Endpoints with a template and none for administration; a role for nobody; a role for somebody else."""
    operator, reseller = f"swiftoperator{site['project']}", f"Reseller{site['project']}"
    url = "http://192.0.2.3:8080/swift/v1/AUTH_%(tenant_id)s"
    wanted = {
        **site,
        "roles": ["member", "admin"],
        "other_roles": [operator, reseller],
        "grants": [{"user": "admin", "project": "admin", "roles": [operator]}],
        "endpoints": {"public": url, "internal": url},
    }
    predicted = run(wanted, check=True)
    assert f"give user 'admin' the role '{operator}' in project 'admin'" in predicted["actions"]
    done = run(wanted)
    assert done["actions"] == predicted["actions"] and done["diff"] == predicted["diff"]
    assert sorted(done["endpoints"]) == ["internal", "public"]
    assert len(admin.get(f"/endpoints?service_id={done['service_id']}").json()["endpoints"]) == 2
    assert admin.get(f"/roles?name={reseller}").json()["roles"]
    assert unchanged(run(wanted, check=True)) and unchanged(run(wanted))

    nobody = run({**wanted, "grants": [{"user": "nobody", "project": "admin", "roles": [operator]}]})
    assert nobody["failed"] and "grants[0].user: Keystone has no user named 'nobody'" in nobody["msg"]

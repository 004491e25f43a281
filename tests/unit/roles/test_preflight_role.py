"""The role preflight sees every host's variables as that host has them, and touches none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

SECRETS = {
    "glance_database_password": "d4tabase",
    "glance_service_password": "s3rvice",
    "glance_memcached_secret": "m3mcached",
    "glance_keystone_admin_password": "4dmin",
}
# Where the services are; with none of these a site has a mistake.
SERVICES = {
    "glance_keystone_url": "http://192.0.2.5:5000/v3",
    "glance_database_host": "192.0.2.6",
    "glance_database_login_host": "192.0.2.6",
}
ENVIRONMENT = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}
STORES = [{"id": "local", "type": "file", "default": True, "path": "/srv/images", "shared": True}]


# Of the range that documentation may use, and no wait for it.
UNREACHABLE = {"ansible_host": "192.0.2.1", "ansible_timeout": 3}


@pytest.fixture
def run_playbook(tmp_path: Path) -> Any:
    """Return a function: playbook, inventory -> (exit status, output)."""

    def run(playbook: str, inventory: dict[str, Any], *arguments: str) -> tuple[int, str]:
        hosts = tmp_path / "hosts.yml"
        hosts.write_text(yaml.safe_dump(inventory))
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", hosts, playbook, *arguments]
        done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def preflight(tmp_path: Path, run_playbook: Any) -> Any:
    """Return a function: hosts and their variables -> (exit status, output) of the role on all of them."""
    playbook = tmp_path / "play.yml"
    play = {"hosts": "glance_api", "gather_facts": False, "roles": ["openimage.glance.preflight"]}
    playbook.write_text(yaml.safe_dump([play]))

    def run(hosts: dict[str, dict[str, Any]], *arguments: str, **shared: Any) -> tuple[int, str]:
        shared = {**SECRETS, **SERVICES, "glance_stores": STORES, **shared}
        return tuple(run_playbook(playbook, {"glance_api": {"hosts": hosts, "vars": shared}}, *arguments))

    return run


def test_variables_may_refer_to_other_hosts(preflight: Any) -> None:
    """An address of another host in a URL is the commonest reference in inventories."""
    hosts = {"one": {"ansible_host": "192.0.2.1"}, "two": {"ansible_host": "192.0.2.2"}}
    url = "http://{{ hostvars['one'].ansible_host }}:5000/v3"
    status, output = preflight(hosts, glance_keystone_url=url)
    assert status == 0, output


def test_a_mistake_on_a_host_that_is_not_the_first_is_found(preflight: Any) -> None:
    url = "{{ hostvars['one'].place }}"
    hosts = {"one": {"place": "http://192.0.2.1:5000/v3"}, "two": {"glance_api_port": "ninety"}}
    status, output = preflight(hosts, glance_keystone_url=url)
    assert status == 2 and "glance_api_port" in output and "(on two)" in output


def test_a_run_limited_to_one_host_knows_that_there_are_others(preflight: Any) -> None:
    stores = [{"id": "local", "type": "file", "default": True, "path": "/srv/images"}]
    status, output = preflight({"one": {}, "two": {}}, "--limit", "one", glance_stores=stores)
    assert status == 2 and "glance_stores[0].shared" in output


def test_what_is_doubtful_is_shown_and_nothing_stops(preflight: Any) -> None:
    share = {"server": "nas.example.org", "export": "/var/nfs", "mount": "/var/lib/glance"}
    stores = [{"id": "nfs", "type": "file", "default": True, "path": "/var/lib/glance/images", "nfs": share}]
    status, output = preflight({"one": {}, "two": {}}, glance_stores=stores)
    words = " ".join(output.split())
    assert status == 0, output
    assert "glance_staging_path: /var/lib/glance/os_glance_staging_store lies on the NFS export of store nfs" in words
    status, output = preflight({"one": {}})
    assert status == 0 and "Show what works" in output and "glance_staging_path" not in output


def test_lists_may_refer_to_other_hosts(preflight: Any) -> None:
    hosts = {"one": {"ansible_host": "192.0.2.1"}, "two": {"ansible_host": "192.0.2.2"}}
    addresses = ["localhost", "{{ hostvars['two'].ansible_host }}"]
    status, output = preflight(hosts, glance_database_allowed_hosts=addresses)
    assert status == 0, output


def test_a_reference_to_nothing_is_told_by_its_name(preflight: Any) -> None:
    status, output = preflight({"one": {}}, glance_service_password="{{ vault_glance_servce_password }}")
    assert status == 2 and "vault_glance_servce_password" in output


def test_all_mistakes_of_an_inventory_are_told_in_one_run_that_touches_no_host(
    tmp_path: Path, run_playbook: Any
) -> None:
    stores = [
        {"id": "one", "type": "file", "path": "/srv/one"},
        {"id": "one", "type": "file", "path": "/srv/two"},
        {"id": "os_glance_mine", "type": "file", "path": "/srv/one/"},
        {"id": "three", "type": "file", "path": "/var/lib/glance/os_glance_tasks_store"},
        {"id": "four", "type": "flie", "path": "/srv/four"},
        {"id": "five", "type": "file", "pth": "/srv/five"},
        {"id": "six", "type": "file", "path": "/srv/six", "options": {"filesystem_store_chunk_size": "big"}},
        {"id": "web", "type": "http"},
        {"id": "more-web", "type": "http"},
    ]
    variables = {
        **SECRETS,
        "glance_stores": stores,
        "glance_service_user": "{{ nobody_defines_this }}",
        "glance_database_password": "CHANGE_ME",
        "glance_service_password": "",
        "glance_release": "2031.1",
        "glance_install_method": "docker",
        "glance_api_port": "ninety",
        "glance_regoin": "RegionTwo",
        "glance_images": [{"name": "seed", "disk_format": "qcow2"}],
    }
    inventory = {"glance_api": {"hosts": {"one": UNREACHABLE}, "vars": variables}}
    status, output = run_playbook("openimage.glance.site", inventory)
    # No task but those of the controller: the host cannot even be reached.
    assert status == 2 and "UNREACHABLE" not in output, output
    words = " ".join(output.split())
    for mistake in (
        ("glance_stores[1].id", "one"),
        ("glance_stores[2].id", "os_glance_"),
        ("glance_stores[2].path", "/srv/one"),
        ("glance_stores[3].path", "glance_tasks_path"),
        ("glance_stores[4].type", "flie", "write file"),
        ("glance_stores[5].pth", "write path"),
        ("glance_stores[6].options.filesystem_store_chunk_size", "big"),
        ("glance_stores[8]", "http"),
        ("glance_stores:", "default"),
        ("glance_service_user: cannot be resolved", "nobody_defines_this"),
        ("glance_keystone_url: is missing",),
        ("glance_database_host: is missing",),
        ("glance_database_login_host: is missing",),
        ("glance_database_password", "placeholder"),
        ("glance_service_password", "missing"),
        ("glance_release", "2031.1", "2026.2"),
        ("glance_install_method", "docker", "venv"),
        ("glance_api_port", "ninety"),
        ("glance_regoin", "write glance_region"),
        ("glance_images[0].src",),
    ):
        assert all(word in words for word in mistake), mistake


def test_an_own_variable_may_refer_to_what_is_only_known_later(preflight: Any) -> None:
    status, output = preflight({"one": {}}, glance_mine="{{ ansible_facts.kernel }}")
    assert status == 0, output


def test_one_reference_to_nothing_does_not_hide_other_mistakes(preflight: Any) -> None:
    stores = [{**STORES[0], "path": "{{ nowhere }}"}]
    images = [{"name": "seed", "src": "/srv/seed.qcow2", "disk_format": "qcow2", "stores": ["local"]}]
    status, output = preflight({"one": {}}, glance_stores=stores, glance_images=images, glance_api_port="ninety")
    words = " ".join(output.split())
    assert status == 2 and "glance_stores: cannot be resolved: 'nowhere' is undefined" in words
    assert "glance_api_port: is" in words and "glance_images" not in words


def test_text_from_the_command_line_is_what_ansible_takes_it_for(preflight: Any) -> None:
    extra = ("-e", "glance_verify_size=1024 glance_load_metadefs=false glance_api_threads=4")
    status, output = preflight({"one": {}}, *extra)
    assert status == 0, output


@pytest.fixture
def vault(tmp_path: Path) -> Any:
    """Return the file of a vault's password, and a function that encrypts a text with it."""
    password = tmp_path / "vault-password"
    password.write_text("the vault's own\n")
    program = Path(sys.executable).with_name("ansible-vault")

    def encrypt(text: str) -> str:
        command = [program, "encrypt_string", "--vault-password-file", password]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout

    return password, encrypt


def test_vaulted_keys_inside_stores_work_and_are_never_shown(tmp_path: Path, run_playbook: Any, vault: Any) -> None:
    """Also where a mistake beside them is told, and in the files that are rendered from them."""
    password, encrypt = vault
    secrets = {"access_key": "AKIA-of-the-vault", "secret_key": "k3y:of/the@vault"}
    lines = [
        "- {id: local, type: file, default: true, path: /srv/images, shared: true}",
        "- id: s3-0",
        "  type: s3",
        "  host: https://s3.example.org",
        "  bucket: glance",
    ]
    for name, text in secrets.items():
        head, *body = encrypt(text).strip().splitlines()
        lines += [f"  {name}: {head}", *(f"    {line.strip()}" for line in body)]
    stores = "\n".join(f"      {line}" for line in lines)
    variables = yaml.safe_dump({**SECRETS, **SERVICES, "glance_release": "2026.2"})
    inventory = tmp_path / "vaulted.yml"
    indented = "\n".join(f"    {line}" for line in variables.splitlines())
    inventory.write_text(f"glance_api:\n  hosts: {{one: }}\n  vars:\n{indented}\n    glance_stores:\n{stores}\n")
    roles = Path(__file__).parents[3] / "roles"
    target = tmp_path / "glance-api.conf"
    plan = "{{ glance_stores | openimage.glance.store_plan(staging='/srv/s', tasks='/srv/t', release='2026.2') }}"
    render = {
        "name": "Render what the API reads",
        "ansible.builtin.copy": {
            "dest": str(target),
            "content": f"{{{{ lookup('ansible.builtin.template', '{roles}/api/templates/glance-api.conf.j2') }}}}",
        },
        "delegate_to": "localhost",
        "vars": {
            "ansible_python_interpreter": sys.executable,
            "plan": plan,
            "__glance_api_sections": "{{ plan.sections }}",
        },
    }
    playbook = tmp_path / "vaulted-play.yml"
    preflight_and_render = {
        "hosts": "glance_api",
        "gather_facts": False,
        "roles": ["openimage.glance.preflight"],
        # What is written in brackets.
        "vars_files": [str(roles / "api/vars/main.yml")],
        "tasks": [render],
    }
    playbook.write_text(yaml.safe_dump([preflight_and_render]))
    arguments = ("-i", str(inventory), "--vault-password-file", str(password), "-vv")
    status, output = run_playbook(playbook, {"all": {}}, *arguments)
    assert status == 0, output
    rendered = target.read_text()
    assert all(text in rendered for text in secrets.values())
    wrong, told = run_playbook(playbook, {"all": {}}, *arguments, "-e", "glance_api_port=ninety")
    assert wrong == 2 and "glance_api_port" in told
    assert not any(text in output + told for text in secrets.values())

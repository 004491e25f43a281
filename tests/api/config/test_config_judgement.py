"""What the installed releases themselves say about right and wrong configuration."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._config import validation, verdicts

CONF = "/etc/glance/glance-api.conf"
# The namespaces from which upstream generates its samples of glance-api.conf and glance-image-import.conf.
SAMPLE = [
    "castellan.config",
    "glance.api",
    "glance.store",
    "glance.multi_store",
    "oslo.concurrency",
    "oslo.messaging",
    "oslo.db",
    "oslo.policy",
    "keystonemiddleware.auth_token",
    "oslo.log",
    "oslo.middleware.cors",
    "oslo.middleware.healthcheck",
    "oslo.middleware.http_proxy_to_wsgi",
    "oslo.reports",
]
STORES = {"local": "file", "mirror": "http"}
ORIGINS = {"local": "glance_stores[0].options", "mirror": "glance_stores[1].options"}

RIGHT = r"""
[DEFAULT]
enabled_backends = local:file,mirror:http
log_dir = /var/log/glance
metadata_source_path = /etc/glance/metadefs
worker_self_reference_url = http://node1:9292
[database]
connection = mysql+pymysql://glance:p%40ss%24x@[fd00::1]:3306/glance?charset=utf8mb4
max_pool_size = 5
[keystone_authtoken]
www_authenticate_uri = http://c:5000/v3
auth_type = password
auth_url = http://c:5000/v3
username = glance
password = pa$$word
user_domain_name = Default
project_name = service
project_domain_name = Default
memcached_servers = a:11211,b:11211
memcache_security_strategy = ENCRYPT
memcache_secret_key = x
service_token_roles_required = true
region_name = RegionOne
[paste_deploy]
flavor = keystone
[glance_store]
default_backend = local
[local]
filesystem_store_datadir = /var/lib/glance/images
filesystem_store_chunk_size = 65536
store_description = Fast local disks
weight = 3
[mirror]
https_insecure = false
[os_glance_staging_store]
filesystem_store_datadir = /var/lib/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = /var/lib/glance/tasks
[oslo_limit]
auth_type = password
auth_url = http://c:5000/v3
username = glance
password = x
system_scope = all
endpoint_id = 1
[oslo_concurrency]
lock_path = /var/lock/glance
[oslo_policy]
policy_file = policy.yaml
[oslo_messaging_notifications]
driver = messagingv2
driver = log
[oslo_messaging_metrics]
metrics_enabled = false
[oslo_middleware]
enable_proxy_headers_parsing = true
[cors]
allowed_origin = https://dashboard
[cors.second]
allowed_origin = https://other
[healthcheck]
backends = disable_by_file
disable_by_file_path = /etc/glance/healthcheck_disable
[profiler]
enabled = false
[image_format]
disk_formats = raw,qcow2
[image_import_opts]
image_import_plugins = [image_decompression,image_conversion]
[import_filtering_opts]
allowed_ports = [80,443]
[inject_metadata_properties]
inject = a:b
[image_conversion]
output_format = raw
[glance_download_properties]
extra_properties = [hw_,os_type]
[task]
task_executor = taskflow
[taskflow_executor]
max_workers = 4
[wsgi]
task_pool_threads = 8
"""

WRONG = r"""
[DEFAULT]
enabled_backends = local:file,mirror:http
debgu = true
debug = maybe
connection = mysql://glance:not-shown@h/g
[databse]
connection = mysql://glance:not-shown@h/g
[database]
connection = mysql://glance:not$shown@h/g
max_pool_size = many
max_retries = 1
max_retries = 2
[keystone_authtoken]
auth_type = pasword
username = glance
memcache_servers = a:11211
[local]
filesystem_store_chunk_sise = 65536
chunk_size = 65536
filesystem_store_chunk_size = 0
rbd_store_pool = images
[mirror]
https_insecure = perhaps
[import_filtering_opts]
allowed_ports = 80
"""

PROBLEMS = [
    "glance_api_config.DEFAULT.connection: unknown option of [DEFAULT]; it belongs in [database]",
    "glance_api_config.DEFAULT.debgu: unknown option of [DEFAULT]; did you mean debug?",
    "glance_api_config.DEFAULT.debug: not a valid value: Unexpected boolean value 'maybe'",
    "glance_api_config.database.connection: its value refers to a $name, and there is no such option; "
    "write $$ for a dollar sign",
    "glance_api_config.database.max_pool_size: not a valid value: invalid literal for int() with base 10: 'many'",
    "glance_api_config.database.max_retries: set to two different values in one file (first on line 12), "
    "only the last would count",
    "glance_api_config.databse: unknown section; did you mean database?",
    'glance_api_config.import_filtering_opts.allowed_ports: not a valid value: Value should start with "["',
    "glance_api_config.keystone_authtoken.auth_type: there is no login plugin 'pasword'; did you mean password?",
    "glance_stores[0].options.chunk_size: unknown option of a file store; did you mean filesystem_store_chunk_size?",
    "glance_stores[0].options.filesystem_store_chunk_sise: unknown option of a file store; "
    "did you mean filesystem_store_chunk_size?",
    "glance_stores[0].options.filesystem_store_chunk_size: not a valid value: Should be greater than or equal to 1",
    "glance_stores[0].options.rbd_store_pool: unknown option of a file store; it is an option of an rbd store",
    "glance_stores[1].options.https_insecure: not a valid value: Unexpected boolean value 'perhaps'",
]


def run(command: list[str], data: bytes) -> tuple[int, str, str]:
    """Run the probe."""
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=600)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def findings(
    venv: Path, *contents: str, stores: dict[str, str] | None = None, namespaces: tuple = ()
) -> list[dict[str, Any]]:
    """What the release finds in files that it loads one after another."""
    files = [(CONF if number == 0 else f"{CONF}.{number}", content) for number, content in enumerate(contents)]
    answer = validation.ask(run, str(venv / "bin" / "python"), files, stores or {}, namespaces)
    assert answer.missing == []
    return answer.findings


def judged(venv: Path, *contents: str, **options: Any) -> verdicts.Verdict:
    """The same in words, without line numbers."""
    verdict = verdicts.judge(findings(venv, *contents, **options), ORIGINS, "glance_api_config")
    plain = [[re.sub(r" \(\S+ line \d+\)$", "", text) for text in texts] for texts in verdict]
    return verdicts.Verdict(*plain)


def sample(venv: Path, namespaces: list[str] | tuple[str, ...]) -> str:
    """The release's own complete sample with every option set."""
    generator = str(venv / "bin" / "oslo-config-generator")
    command = [generator, *(f"--namespace={name}" for name in namespaces)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    return re.sub(r"(?m)^#([\w-]+ =)", r"\1", text)


def false_refusals(text: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The problems but for those of the text <None>, by which a sample says that an option has no default."""
    lines = text.splitlines()
    problems = [finding for finding in found if finding["kind"] in verdicts.PROBLEMS]
    return [f for f in problems if f["kind"] != "type" or not lines[f["line"] - 1].endswith("= <None>")]


def test_no_option_of_the_complete_sample_is_refused(glance: Path) -> None:
    text = sample(glance, [*SAMPLE, "glance"])
    text = re.sub(r"(?m)^(auth_section|auth_type) = <None>$", "", text)  # names a section or a plugin
    assert text.count(" = ") > 300
    assert "[image_conversion]" in text
    assert false_refusals(text, findings(glance, text)) == []


def test_keystone_samples_pass_too(keystone: Path) -> None:
    names = ("keystone", "oslo.cache", "oslo.db", "oslo.log", "oslo.messaging", "oslo.policy", "oslo.middleware")
    text = sample(keystone, names)
    assert text.count(" = ") > 200
    assert false_refusals(text, findings(keystone, text, namespaces=names)) == []
    wrong = "[token]\nprovidre = fernet\n[memcache]\nsocket_timeout = soon\n"
    assert len(judged(keystone, wrong, namespaces=names).problems) == 2


def test_right_configuration_passes_without_a_word(glance: Path) -> None:
    assert judged(glance, RIGHT, stores=STORES) == ([], [])


def test_every_mistake_is_found_in_one_run(glance: Path) -> None:
    verdict = judged(glance, WRONG, stores=STORES)
    assert sorted(verdict.problems) == PROBLEMS
    assert verdict.warnings == [
        "glance_api_config.keystone_authtoken.memcache_servers: deprecated name; "
        "the option is called memcached_servers in [keystone_authtoken] now"
    ]


def test_findings_hold_no_secret(newest: Path) -> None:
    assert "shown@" not in str(findings(newest, WRONG, stores=STORES))
    syntax = findings(newest, "[database]\npassword secret\n")
    assert [finding["kind"] for finding in syntax] == ["syntax"]
    assert "secret" not in str(syntax)


def test_login_options_need_a_plugin(newest: Path) -> None:
    text = "[keystone_authtoken]\nauth_url = http://c:5000\nusername = glance\n"
    assert judged(newest, text).problems == [
        f"glance_api_config.keystone_authtoken.{option}: has no effect without auth_type; "
        "set auth_type, for example to password"
        for option in ("auth_url", "username")
    ]


def test_login_in_a_section_of_its_own(newest: Path) -> None:
    text = "[keystone_authtoken]\nauth_section = login\n[login]\nauth_type = password\nusername = glance\n"
    assert judged(newest, text) == ([], [])
    assert len(judged(newest, text + "usrname = x\n").problems) == 1


def test_a_later_file_overrides_an_earlier_one(newest: Path) -> None:
    assert judged(newest, "[DEFAULT]\ndebug = maybe\n", "[DEFAULT]\ndebug = true\n") == ([], [])
    (problem,) = findings(newest, "[DEFAULT]\ndebug = true\n", "[DEFAULT]\ndebug = maybe\n")
    assert (problem["path"], problem["line"]) == (f"{CONF}.1", 2)


def test_shared_defaults_of_stores(glance: Path) -> None:
    code = "import glance_store.driver as d; print(getattr(d, 'SHARED_CONF_GROUP', ''))"
    shared = subprocess.run([glance / "bin/python", "-c", code], capture_output=True, text=True, check=True).stdout
    problems = judged(glance, "[backend_defaults]\nrbd_store_chunk_size = 4\n").problems
    assert problems == ([] if shared.strip() else ["glance_api_config.backend_defaults: unknown section"])


def test_store_types_that_there_are_not(newest: Path) -> None:
    problems = judged(newest, "[DEFAULT]\n", stores={"local": "fiel"}).problems
    assert problems == ["glance_stores[0].options: this Glance has no store type 'fiel'; did you mean file?"]


def test_sections_of_the_sample_are_not_stores(newest: Path) -> None:
    text = "[DEFAULT]\nenabled_backends = local:file\n[file]\nfilesystem_store_datadir = /x\n"
    assert judged(newest, text) == ([], ["glance_api_config.file: not read: no enabled store has this name"])


def test_repetitions(newest: Path) -> None:
    text = "[DEFAULT]\ndebug = true\n[database]\n[DEFAULT]\ndebug = true\n"
    assert judged(newest, text).warnings == [
        "glance_api_config.DEFAULT: the section stands twice in one file (first on line 1)",
        "glance_api_config.DEFAULT.debug: set twice in one file (first on line 2)",
    ]

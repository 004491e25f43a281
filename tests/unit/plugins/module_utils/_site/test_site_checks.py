"""The whole inventory: api_config, images, hosts, and everything at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.checks import site_problems
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place, place_doubts
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET = "Tr0ub4dor&3"
SITE: dict[str, Any] = {
    "glance_release": "",
    "glance_install_method": "",
    "glance_stores": [
        {"id": "local", "type": "file", "default": True, "path": "/var/lib/glance/images"},
        {"id": "web", "type": "http"},
    ],
    "glance_database_password": SECRET,
    "glance_service_password": SECRET,
    "glance_keystone_admin_password": SECRET,
    "glance_memcached_secret": SECRET,
    "glance_memcached_servers": ["127.0.0.1:11211"],
}


def found(hosts: int = 1, **more: Any) -> list[str]:
    return [str(problem) for problem in site_problems({**SITE, **more}, hosts)]


def test_a_right_site_has_no_problems() -> None:
    assert found() == []
    config = {"DEFAULT": {"debug": True, "image_tag_quota": 5}, "image_format": {"disk_formats": ["raw", "qcow2"]}}
    images = [
        {
            "name": "a",
            "src": "/srv/a.qcow2",
            "disk_format": "qcow2",
            "container_format": "bare",
            "visibility": "public",
            "properties": {"os_distro": "debian", "hw_qemu_guest_agent": True},
            "stores": ["local"],
            "protected": False,
            "hidden": False,
            "min_disk": 0,
            "min_ram": 512,
            "tags": [],
        },
        {"name": "b", "src": "b.img", "stores": []},
    ]
    assert found(glance_api_config=config, glance_images=images, glance_release=2026.2) == []


@pytest.mark.parametrize(
    ("release", "method", "problem"),
    [
        ("2026.2", "package", "glance_install_method: no supported system has packages of 2026.2; "),
        ("zed", "venv", "glance_install_method: zed is not installed from PyPI; "),
        ("yoga", "", "glance_release: 'yoga' is not a supported release; "),
        ("", "docker", "glance_install_method: 'docker' is not an install method; "),
    ],
)
def test_releases_and_methods(release: str, method: str, problem: str) -> None:
    (text,) = found(glance_release=release, glance_install_method=method)
    assert text.startswith(problem)


def test_several_hosts_need_shared_directories() -> None:
    (text,) = found(hosts=3)
    assert text.startswith("glance_stores[0].shared: store local is another directory on each of the 3 API hosts")
    shared = [{**SITE["glance_stores"][0], "shared": True}, SITE["glance_stores"][1]]
    assert found(hosts=3, glance_stores=shared) == []
    # What could not be read is one mistake.
    (text,) = found(hosts=3, glance_stores=[{**shared[0], "shared": "yes"}])
    assert text.startswith("glance_stores[0].shared: is the text 'yes'")


def test_a_site_without_api_hosts() -> None:
    assert found(hosts=0) == ["glance_api: the group has no host; add at least one host to the group glance_api"]


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ([], "glance_api_config: is a list; "),
        ({"DEFAULT": True}, "glance_api_config.DEFAULT: is a boolean, not the options of a section; "),
        ({"debug": None}, "glance_api_config.debug: is empty, not the options of a section; "),
        ({"a]\nb": {}}, "glance_api_config['a]\\nb']: is not a section name; "),
        ({1: {}}, "glance_api_config[1]: is not a section name; "),
        ({"default": {"x": 1}}, "glance_api_config.default: is not the section [DEFAULT]; write DEFAULT"),
        ({"DEFAULT": {"x y": 1}}, "glance_api_config.DEFAULT['x y']: is not an option name; "),
        ({"DEFAULT": {"x": None}}, "glance_api_config.DEFAULT.x: cannot be written: no value"),
        ({"DEFAULT": {"x": [["s3cr3t"]]}}, "glance_api_config.DEFAULT.x: is or contains a list; "),
        ({"DEFAULT": {"x": "s3cr3t\ny = 1"}}, "glance_api_config.DEFAULT.x: cannot be written: "),
        (
            {"LOCAL": {"x": 1}},
            "glance_api_config.LOCAL: is the section of store local; write its options in glance_stores[0].",
        ),
        (
            {"DEFAULT": {"enabled_backends": "s3cr3t"}},
            "glance_api_config.DEFAULT.enabled_backends: is decided elsewhere; ",
        ),
        (
            {"Glance_Store": {"default-backend": "x"}},
            "glance_api_config.Glance_Store.default-backend: is decided elsewhere; ",
        ),
        (
            {"database": {"connection": "s3cr3t"}},
            "glance_api_config.database.connection: is decided elsewhere; set glance_da",
        ),
        (
            {"keystone_authtoken": {"password": "s3cr3t"}},
            "glance_api_config.keystone_authtoken.password: is decided else",
        ),
        (
            {"os_glance_staging_store": {"filesystem_store_datadir": "/x"}},
            "glance_api_config.os_glance_staging_store.filesystem_store_datadir: is decided elsewhere; set glance_st",
        ),
    ],
)
def test_api_config(config: Any, problem: str) -> None:
    (text,) = found(glance_api_config=config)
    assert text.startswith(problem)
    assert "s3cr3t" not in text


def test_reserved_stores_can_be_tuned() -> None:
    assert found(glance_api_config={"os_glance_staging_store": {"filesystem_store_chunk_size": 1048576}}) == []


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("x.qcow2", "glance_images[0]: is a text, not an image; "),
        ({"src": "/a"}, "glance_images[0].name: is missing; "),
        ({"name": "a"}, "glance_images[0].src: is missing; "),
        ({"name": "a", "src": "https://x/y.qcow2"}, "glance_images[0].src: is a URL; write url: … and import_method"),
        ({"name": 5, "src": "/a"}, "glance_images[0].name: is the number 5; put it in quotes"),
        (
            {"name": "a", "src": "/a", "visibilty": "public"},
            "glance_images[0].visibilty: is not a key of an image; write visibility",
        ),
        ({"name": "a", "import_method": "web-download"}, "glance_images[0].url: is missing; write url: …, which"),
        ({"name": "a", "import_method": "web-donwload"}, "glance_images[0].import_method: is 'web-donwload'; write"),
        (
            {"name": "a", "import_method": "web-download", "url": "http://x/y", "src": "/a"},
            "glance_images[0].src: is for import_method upload or glance-direct, not for web-download; remove it",
        ),
        (
            {"name": "a", "import_method": "web-download", "url": "http://u:p@x/y"},
            "glance_images[0].url: holds a user name or a password",
        ),
        (
            {"name": "a", "src": "/a", "checksum": "sha512:1"},
            "glance_images[0].checksum: is not a hash of sha512, which has 128 hexadecimal digits; write one like",
        ),
        (
            {"name": "a", "import_method": "copy-image"},
            "glance_images[0].stores: is missing; name the stores to copy to",
        ),
        (
            {
                "name": "a",
                "import_method": "glance-download",
                "glance_region": "b",
                "glance_image_id": "ee934448-0e2f-4799-9763-3a9f82081822",
            },
            "glance_images[0].import_method: needs glance-download, which glance_import_methods does not name; add",
        ),
        ({"name": "a", "src": "/a", "disk_format": "qcow"}, "glance_images[0].disk_format: is 'qcow'; write qcow2"),
        (
            {"name": "a", "src": "/a", "min_disk": "1"},
            "glance_images[0].min_disk: is the text '1'; write a whole number of at",
        ),
        ({"name": "a", "src": "/a", "stores": "local"}, "glance_images[0].stores: is the text 'local'; write a list"),
        (
            {"name": "a", "src": "/a", "stores": ["lokal"]},
            "glance_images[0].stores: 'lokal' is not a declared store; write local",
        ),
        (
            {"name": "a", "src": "/a", "stores": ["web"]},
            "glance_images[0].stores: web is read-only; write one of local",
        ),
        (
            {"name": "a", "src": "/a", "properties": {"x": []}},
            "glance_images[0].properties: its entry 'x' is not a text; ",
        ),
        (
            {"name": "a", "src": "/a", "protected": "no"},
            "glance_images[0].protected: is the text 'no'; write true or false",
        ),
    ],
)
def test_images(image: Any, problem: str) -> None:
    (text,) = found(glance_images=[image])
    assert text.startswith(problem)


def test_image_names_are_unique() -> None:
    assert found(glance_images=[{"name": "a", "src": "/a"}, {"name": "a", "src": "/b"}]) == [
        "glance_images[1].name: 'a' is the name of glance_images[0] too; write another name: seeds are recognised by it"
    ]
    assert found(glance_images="a")[0].startswith("glance_images: is a text; ")


def test_all_mistakes_of_a_site_are_told_in_one_run() -> None:
    paths = [
        text.partition(": ")[0]
        for text in found(
            hosts=2,
            glance_release="2025.2",
            glance_install_method="pip",
            glance_api_port="x",
            glance_service_password="CHANGEME",
            glance_stores=[{"id": "a", "type": "file", "path": "x"}, {"id": "a", "type": "fil", "path": "/srv/a"}],
            glance_staging_path="/srv/a/b",
            glance_api_config={"database": {"connection": "x"}},
            glance_images=[{"name": "a"}],
        )
    ]
    assert paths == [
        "glance_release",
        "glance_install_method",
        "glance_api_port",
        "glance_service_password",
        "glance_stores",
        "glance_stores[0].path",
        "glance_stores[0].shared",
        "glance_stores[1].type",
        "glance_stores[1].id",
        "glance_stores[1].path",
        "glance_stores[1].shared",
        "glance_api_config.database.connection",
        "glance_images[0].src",
    ]


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.builds(lambda: 10**5000),
    st.binary(max_size=2),
)
_KEYS = st.one_of(
    st.text(max_size=5),
    st.integers(),
    st.none(),
    st.sampled_from(
        ["name", "src", "stores", "properties", "DEFAULT", "database", "connection", "local", "glance_store"]
    ),
)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    [
        *SITE,
        *("glance_api_config", "glance_images", "glance_staging_path", "glance_keystone_cacert", "glance_public_url"),
        *("glance_api_port", "glance_database_host", "glance_load_metadefs", "glance_import_methods"),
    ]
)


@given(st.one_of(st.dictionaries(_NAMES, _ANYTHING), _ANYTHING), st.integers(-1, 5))
@settings(max_examples=250, deadline=None)
def test_no_inventory_makes_the_check_fail(site: Any, hosts: int) -> None:
    place = Place("api1", "192.0.2.1", ("lab1",))
    doubts = place_doubts(site, place) if isinstance(site, dict) else []
    for text in map(str, [*site_problems(site, hosts, place), *doubts]):
        assert text.isprintable()
        assert ": " in text
        assert "; " in text


@given(st.text(min_size=1), st.sampled_from(["glance_database_password", "glance_memcached_secret"]))
@settings(max_examples=150, deadline=None)
def test_no_secret_is_ever_told(secret: str, name: str) -> None:
    marked = f"q7Z{secret}"
    assert not any("q7Z" in text for text in found(1, **{name: marked}))
    assert not any("q7Z" in text for text in found(1, **{name: [marked]}))
    assert not any("q7Z" in text for text in found(glance_api_config={"oslo_limit": {"password": marked + "\n"}}))


def test_site_problems_name_what_an_object_store_needs_only_when_it_is_to_be_registered() -> None:
    url, password = "glance_object_store_public_url", "glance_object_store_password"
    assert found() == found(**{url: "", password: ""}) == []
    missing = [problem.path for problem in site_problems(SITE, 1, object_store=True)]
    assert sorted(missing) == sorted([url, password])
    given_values = {url: "http://192.0.2.3:8080/swift/v1/AUTH_%(tenant_id)s", password: SECRET}
    assert site_problems({**SITE, **given_values}, 1, object_store=True) == []
    placeholder = site_problems({**SITE, **given_values, password: "CHANGE_ME"}, 1, object_store=True)
    assert [problem.path for problem in placeholder] == [password]
    assert [problem.path for problem in site_problems({**SITE, url: "swift.example.org"}, 1)] == [url]


def login(cloud: str = "prod", all_in_one: tuple[str, ...] = (), **more: Any) -> dict[str, str]:
    """Return the problems of a site whose administrator comes from clouds.yaml, by their paths."""
    site = {name: value for name, value in SITE.items() if name != "glance_keystone_admin_password"}
    elsewhere = {
        "glance_keystone_url": "http://192.0.2.5:5000/v3",
        "glance_database_host": "192.0.2.6",
        "glance_database_login_host": "192.0.2.6",
    }
    place = Place("api1", "192.0.2.1", all_in_one)
    found_problems = site_problems({**site, **elsewhere, "glance_cloud": cloud, **more}, 1, place)
    return {problem.path: str(problem) for problem in found_problems}


def test_site_with_a_cloud_needs_no_admin_password() -> None:
    assert login() == login(glance_keystone_admin_password="") == {}
    missing = login("")
    assert list(missing) == ["glance_keystone_admin_password"]
    assert "or name a cloud of clouds.yaml in glance_cloud" in missing["glance_keystone_admin_password"]


@pytest.mark.parametrize("name", ["user", "password", "project", "domain"])
def test_site_refuses_a_second_login_beside_a_cloud(name: str) -> None:
    variable = f"glance_keystone_admin_{name}"
    problems = login(**{variable: SECRET})
    assert list(problems) == [variable] and "second login beside glance_cloud" in problems[variable]
    assert SECRET not in problems[variable]


def test_site_refuses_a_cloud_for_a_keystone_that_lab_hosts_make() -> None:
    problems = login(all_in_one=("lab1",))
    assert "glance_all_in_one make their own" in problems["glance_cloud"]
    assert "glance_cloud" not in login("", all_in_one=("lab1",))

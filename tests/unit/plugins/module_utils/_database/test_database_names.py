"""Quoting of names, patterns of grants, and names that no server takes."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._database import names
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("name", ["''", "'glance'"])
def test_user_problem_of_a_name_in_apostrophes(name: str) -> None:
    assert "apostrophe" in names.user_problem(name)
    assert not names.user_problem(name[1:] + "x")


def test_quoting_doubles_only_its_own_quote() -> None:
    assert names.identifier("a`b'c\"d\\e") == "`a``b'c\"d\\e`"
    assert names.literal("a`b'c\"d\\e") == "'a`b''c\"d\\e'"
    assert names.account("o'neil", "192.0.2.%") == "'o''neil'@'192.0.2.%'"


def test_pattern_escapes_wildcards() -> None:
    assert names.pattern("glance_a%b\\c") == r"glance\_a\%b\\c"


@given(st.text(), st.text())
def test_pattern_matches_its_own_database_only(one: str, other: str) -> None:
    assert names.matches(names.pattern(one), one)
    assert names.matches(names.pattern(one), other) == (one == other)


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [("glance_a", True), ("glance%", True), ("%", True), (r"glance\%", False), ("nova_a", False)],
)
def test_matches_knows_wildcards(pattern: str, matching: bool) -> None:
    assert names.matches(pattern, "glance-a") is matching


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("glance", ""),
        ("glance_db-1 %`'\"é漢", ""),
        ("a" * 64, ""),
        ("a" * 65, "65 characters"),
        ("", "is empty"),
        ("a ", "ends with a space"),
        ("a\n", "ends with a space"),
        ("a\nb", r"control character '\n'"),
        ("a\0b", r"control character '\x00'"),
        ("😀", "U+FFFF"),
    ],
)
def test_database_problem(name: str, problem: str) -> None:
    assert problem in names.database_problem(name) and bool(problem) == bool(names.database_problem(name))


@pytest.mark.parametrize(
    "host", ["localhost", "%", "192.0.2.%", "192.0.2.0/255.255.255.0", "2001:db8::1", "db.example.org"]
)
def test_host_problem_is_empty_for_hosts(host: str) -> None:
    assert names.host_problem(host, "MariaDB") == ""


def test_host_problem_of_a_list_in_one_element() -> None:
    assert "one host in each element" in names.host_problem("192.0.2.1, 192.0.2.2")
    assert "is no host" in names.host_problem("glance@localhost")


def test_host_problem_of_a_cidr_block_on_mariadb_only() -> None:
    assert "write 192.0.2.0/255.255.255.0" in names.host_problem("192.0.2.0/24", "MariaDB")
    assert names.host_problem("192.0.2.0/24", "MySQL") == ""
    assert names.host_problem("192.0.2.0/99", "MariaDB") == "is no network"


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("localhost", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("192.0.2.%", False),
        ("db", True),
        ("db.example.org", True),
    ],
)
def test_is_name(host: str, named: bool) -> None:
    assert names.is_name(host) is named

"""No secret in what a person sees."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import MASK, Mask
from ansible_collections.openimage.glance.plugins.module_utils._config.urls import database_url
from ansible_collections.openimage.glance.plugins.module_utils._config.values import render
from hypothesis import given
from hypothesis import strategies as st

AWKWARD = "p@ss:/w%rd#'\"$ \\$ü"


@pytest.mark.parametrize("secret", [AWKWARD, "a b", "plain", "x" * 80])
def test_every_form_in_which_we_write_a_secret_is_masked(secret: str) -> None:
    url = database_url("db", "glance", secret, "glance")
    text = Mask([secret]).text(f"{secret} {render(secret)} {url} {secret!r}")
    assert secret not in text
    assert url not in text
    assert render(secret) not in text
    assert text.count(MASK) == 4


def test_a_secret_inside_another_does_not_uncover_it() -> None:
    assert Mask(["abc", "abcdef"]).text("abcdef abc") == f"{MASK} {MASK}"


def test_empty_secrets_mask_nothing() -> None:
    assert Mask(["", "  "]).text("a  b") == "a  b"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("password = old", f"password = {MASK}"),
        ("memcache_secret_key=old", f"memcache_secret_key={MASK}"),
        ("s3_store_access_key: old", f"s3_store_access_key: {MASK}"),
        ("key = old", f"key = {MASK}"),
        ("admin_token = old", f"admin_token = {MASK}"),
        ("root_token_id = hvs.old", f"root_token_id = {MASK}"),
        ("approle_role_id = old", f"approle_role_id = {MASK}"),
        ("passcode = 123456", f"passcode = {MASK}"),
        ("connection = mysql://g:p/w@h/g", f"connection = mysql://g:{MASK}@h/g"),
        ("transport_url = rabbit://u:a@h1,u:b@h2//", f"transport_url = rabbit://u:{MASK}@h2//"),
        ("service_token_roles = service", "service_token_roles = service"),
        ("keyfile = /etc/key.pem", "keyfile = /etc/key.pem"),
        ("auth_url = http://h:5000/v3", "auth_url = http://h:5000/v3"),
        ("password =", "password ="),
    ],
)
def test_secrets_of_an_old_file_are_masked_by_their_names(line: str, shown: str) -> None:
    assert Mask([]).lines(f"[x]\n{line}\n") == ["[x]", shown]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("backend_argument = url:old", f"backend_argument = {MASK}"),
        ("swift_store_user: a:b", f"swift_store_user: {MASK}"),
        # What else a URL says is useful.
        ("connection = mysql://g:p/w@h/g", f"connection = mysql://g:{MASK}@h/g"),
        ("connection = driver://h/g?word=p", f"connection = {MASK}"),
        ("swift_store_user_agent = x", "swift_store_user_agent = x"),
    ],
)
def test_what_the_service_calls_secret_is_masked_whatever_its_name(line: str, shown: str) -> None:
    mask = Mask([], ["backend_argument", "swift_store_user", "connection"])
    assert mask.lines(f"[x]\n{line}\n") == ["[x]", shown]
    assert mask.lines(f"{line}\n  goes on\n")[1] == (f" {MASK}" if shown.endswith(MASK) else "  goes on")


def test_a_secret_that_goes_on_in_the_next_line() -> None:
    assert Mask([]).lines("password = one\n  two\nplain = 3\n") == [f"password = {MASK}", f" {MASK}", "plain = 3"]


def test_a_changed_secret_shows_as_changed_only() -> None:
    diff = Mask(["new"]).diff("/f", "[a]\npassword = old\nb = 1\n", "[a]\npassword = new\nb = 1\n")
    assert diff == (
        f"--- before: /f\n+++ after: /f\n@@ -1,3 +1,3 @@\n [a]\n-password = {MASK}\n+password = {MASK}\n b = 1\n"
    )


def test_a_new_file() -> None:
    assert Mask([]).diff("/f", "", "a = 1\n") == "--- before: /f\n+++ after: /f\n@@ -0,0 +1,1 @@\n+a = 1\n"


def test_equal_texts_have_no_diff() -> None:
    assert Mask([]).diff("/f", "a = 1\n", "a = 1\n") == ""


def test_a_secret_of_several_lines() -> None:
    key = "-----BEGIN-----\nabc\n-----END-----"
    diff = Mask([key]).diff("/f", "", f"{key}\nlast\n")
    assert "abc" not in diff
    assert diff.endswith(f"+{MASK}\n+{MASK}\n+{MASK}\n+last\n")


@given(
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    before=st.text(),
    after=st.text(),
)
def test_masking_keeps_the_number_of_lines(secret: str, before: str, after: str) -> None:
    text = f"{before}{secret}{after}"
    assert len(Mask([secret]).lines(text)) == len(Mask([]).lines(text))

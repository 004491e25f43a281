"""The password that a server stores: formats of MariaDB and MySQL."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._database import passwords
from hypothesis import given, settings
from hypothesis import strategies as st

# HEX(authentication_string) of MySQL 8 after CREATE USER … IDENTIFIED BY 'foobar', as go-mysql and TiDB publish it.
MYSQL_8 = bytes.fromhex(
    "24412430303524031A69251C34295C4B35167C7F1E5A7B63091349503974624D34504B5A424679354856336868686F5248"
    "5A736E4A733368786E427575516C73446469496537"
)
# PASSWORD('mypass') in the manual of MySQL 5.7.
NATIVE = b"*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"


def test_matches_a_hash_of_mysql_8() -> None:
    assert passwords.matches("caching_sha2_password", MYSQL_8, "foobar")
    assert not passwords.matches("caching_sha2_password", MYSQL_8, "foobaz")


def test_matches_a_native_hash_with_or_without_the_name_of_its_plugin() -> None:
    for plugin in ("mysql_native_password", ""):
        assert passwords.matches(plugin, NATIVE, "mypass")
        assert passwords.matches(plugin, NATIVE.lower(), "mypass")
        assert not passwords.matches(plugin, NATIVE, "Mypass")


def test_matches_sha256_password() -> None:
    digest = passwords.sha256_crypt(b"secret", b"x" * 20, 5000).encode()
    assert passwords.matches("sha256_password", b"$5$" + b"x" * 20 + b"$" + digest, "secret")
    assert not passwords.matches("sha256_password", b"$5$" + b"x" * 20 + b"$" + digest, "other")


@pytest.mark.parametrize("plugin", ["ed25519", "unix_socket", "pam", "caching_sha2_password", "sha256_password", ""])
@pytest.mark.parametrize("stored", [b"", b"invalid", b"*THISISNOTAVALIDPASSWORDTHATCANBEUSEDHERE", b"$A$005$", b"\xff"])
def test_matches_nothing_when_the_format_is_not_known(plugin: str, stored: bytes) -> None:
    for password in ("", "invalid", "secret"):
        assert not passwords.matches(plugin, stored, password)


@settings(max_examples=15, deadline=None)
@given(
    st.text(
        st.characters(min_codepoint=1, exclude_categories=["Cs"], exclude_characters="\n\r"), min_size=1, max_size=90
    ),
    st.text("./0123456789ABCXYZabcxyz", min_size=1, max_size=16),
)
def test_sha256_crypt_equals_that_of_openssl(password: str, salt: str) -> None:
    openssl = shutil.which("openssl")
    assert openssl
    command = [openssl, "passwd", "-5", "-salt", salt, "-stdin"]
    printed = subprocess.run(command, input=password.encode() + b"\n", capture_output=True, check=True).stdout.decode()
    assert printed.strip().rpartition("$")[2] == passwords.sha256_crypt(password.encode(), salt.encode(), 5000)

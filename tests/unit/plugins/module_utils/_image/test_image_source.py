"""The file that an image is made of."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image.source import PIECE, Source, SourceError


@pytest.mark.parametrize("size", [1, PIECE, PIECE + 1])
@pytest.mark.parametrize("algorithm", ["sha512", "sha256", "md5"])
def test_digests_are_those_of_the_content(tmp_path: Path, size: int, algorithm: str) -> None:
    file = tmp_path / "disk"
    file.write_bytes(os.urandom(size))
    source = Source(str(file))
    assert source.size == size
    assert source.digest(algorithm) == hashlib.new(algorithm, file.read_bytes()).hexdigest()


def test_a_digest_is_computed_once(tmp_path: Path) -> None:
    file = tmp_path / "disk"
    file.write_bytes(b"one")
    source = Source(str(file))
    first = source.digest("sha512")
    file.write_bytes(b"two")
    assert source.digest("sha512") == first


def test_an_unknown_algorithm_is_an_error_for_the_operator(tmp_path: Path) -> None:
    file = tmp_path / "disk"
    file.write_bytes(b"one")
    with pytest.raises(SourceError, match="sha999"):
        Source(str(file)).digest("sha999")


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, reason in (("missing", "No such file"), (".", "not a regular file"), ("empty", "is empty")):
        with pytest.raises(SourceError, match=reason):
            Source(str(tmp_path / name))

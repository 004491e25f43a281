"""What the check of an S3 store asks of the service, where no service is needed to tell that it cannot work."""

from __future__ import annotations

import re

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access.s3_side import bucket_name


@pytest.mark.parametrize("host", ["api-1", "Glance_API.region-one.cloud.example.com", "g" * 64])
def test_a_bucket_to_try_with_has_a_name_that_s3_takes(host: str) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    name = bucket_name({"probe": "openimage-glance-probe", "host": host})
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name)

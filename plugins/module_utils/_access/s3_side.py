# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: try an S3 bucket the way Glance uses it. Runs under Glance's own interpreter.

It states facts; ``s3.py`` puts them into words. The client is made as Glance's driver of the same release makes it.
"""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import (
    CONTENT,
    Json,
    Stop,
    leftover,
    probe_name,
)

# What Glance sets for them when the operator does not; a driver that does not have the options leaves boto3 its own.
CHECKSUMS = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}


def checksums(store: Json) -> Json:
    """Return the checksum settings that the installed driver would give to boto3."""
    from glance_store._drivers import s3 as driver

    if not any(option.dest == "s3_store_request_checksum_calculation" for option in driver.Store.OPTIONS):
        return {}
    if not store["integrity"]:
        return CHECKSUMS
    names = {"request_checksum_calculation": "request_checksum", "response_checksum_validation": "response_checksum"}
    return {setting: store[key] or "when_required" for setting, key in names.items()}


def make_client(store: Json, settings: Json, sums: Json) -> Any:
    """Return the client that Glance would use, only less patient."""
    import boto3
    from botocore import config
    from glance_store._drivers import s3 as driver

    patience = max(3, int(settings["seconds"] / 4))
    waits = {"connect_timeout": patience, "read_timeout": patience, "retries": {"max_attempts": 1}}
    style = {"s3": {"addressing_style": store["bucket_url_format"]}}
    try:
        options = config.Config(**style, **waits, **sums)
    except TypeError:  # boto3 before 1.36 does not know checksums, and Glance does without then
        options = config.Config(**style, **waits)
    host = store["host"] if "://" in store["host"] else f"http://{store['host']}"
    region = store["region"] or driver.get_s3_location(store["host"]) or None
    amazon = not store["region"] and bool(region)
    return boto3.session.Session(store["access_key"], store["secret_key"]).client(
        "s3",
        endpoint_url=None if amazon else host,
        region_name=region,
        use_ssl=host.startswith("https"),
        verify=store["cacert"] or None,
        config=options,
    )


def bucket_name(settings: Json) -> str:
    """Return the name of a bucket to try with. Of the host a digest: S3 takes 63 lower-case letters and digits."""
    host = hashlib.sha256(settings["host"].encode()).hexdigest()[:8]
    return probe_name({**settings, "host": host})


class Bucket:
    """One client, with each refusal as a :class:`Stop`."""

    def __init__(self, client: Any, settings: Json) -> None:
        self.client = client
        self.tell = settings["tell"]

    def call(self, step: str, name: str, **arguments: Any) -> Any:
        """Do one thing."""
        from botocore import exceptions

        self.tell(step)
        try:
            return getattr(self.client, name)(**arguments)
        except exceptions.ClientError as error:
            answer = error.response
            code = str(answer.get("Error", {}).get("Code", ""))
            meta = answer.get("ResponseMetadata", {})
            facts = {"code": code, "status": meta.get("HTTPStatusCode", 0), "text": str(error)}
            region = answer.get("Error", {}).get("Region") or meta.get("HTTPHeaders", {}).get("x-amz-bucket-region")
            raise Stop("refused", step=step, region=region or "", **facts) from None
        except exceptions.SSLError as error:
            raise Stop("tls", step=step, text=str(error)) from None
        except exceptions.ParamValidationError as error:
            raise Stop("name", step=step, text=" ".join(str(error).split())) from None
        except (exceptions.BotoCoreError, exceptions.HTTPClientError) as error:
            raise Stop("unreachable", step=step, text=str(error), error=type(error).__name__) from None

    def probe(self, bucket: str, key: str) -> None:
        """Write, read and delete a small object."""
        place = {"Bucket": bucket, "Key": key}
        self.call("write an object", "put_object", **place, Body=CONTENT)
        try:
            read = self.call("read an object", "get_object", **place)["Body"].read()
            if read != CONTENT:
                raise Stop("content")
        finally:
            self.call("delete an object", "delete_object", **place)


def blame_checksums(store: Json, settings: Json, stop: Stop, sums: Json, bucket: str) -> None:
    """Find out whether a write that was refused succeeds without boto3's newer checksums; then say so."""
    import botocore

    facts = stop.facts
    newer = tuple(map(int, botocore.__version__.split(".")[:2])) >= (1, 36)
    if not newer or sums == CHECKSUMS or facts["kind"] != "refused" or facts["step"] != "write an object":
        return
    key = probe_name(settings)
    other = Bucket(make_client(store, settings, CHECKSUMS), settings)
    try:
        other.probe(bucket, key)
    except Stop:
        return  # not they, or not they alone
    facts.update(kind="checksum", version=botocore.__version__, settable=bool(sums))


def examine(store: Json, settings: Json) -> Json:
    """Go through all steps."""
    sums = checksums(store)
    bucket = Bucket(make_client(store, settings, sums), settings)
    name, removed, missing = store["bucket"], [], False
    try:
        listed = bucket.call("ask for the bucket", "list_objects", Bucket=name, Prefix=settings["probe"])
    except Stop as stop:
        missing = stop.facts.get("code") in ("NoSuchBucket", "404")
        if not missing:
            raise
        if not store["create_bucket"]:
            raise Stop("bucket", buckets=buckets(bucket)) from None
    if not settings["write"]:
        return {"removed": []}
    key = probe_name(settings)
    if missing:
        # Whether it may be created: with one that is removed again, because Glance makes its own when it needs it.
        region = store["region"]
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region else {}
        name = bucket_name(settings)
        bucket.call("create a bucket", "create_bucket", Bucket=name, **place)
    else:
        for item in listed.get("Contents", []):
            if leftover(item["Key"], settings):
                bucket.call("delete what a killed run left", "delete_object", Bucket=name, Key=item["Key"])
                removed.append(item["Key"])
    try:
        bucket.probe(name, key)
    except Stop as stop:
        blame_checksums(store, settings, stop, sums, name)
        raise
    finally:
        if missing:
            bucket.call("remove the bucket", "delete_bucket", Bucket=name)
    return {"removed": removed}


def buckets(bucket: Bucket) -> list[str]:
    """Return the buckets that the key has, as far as it may ask."""
    try:
        return [item["Name"] for item in bucket.call("list the buckets", "list_buckets").get("Buckets", [])][:20]
    except Stop:
        return []


def libraries() -> None:
    """Import what Glance needs for such a store."""
    import_module("boto3.session")
    import_module("botocore.config")
    import_module("glance_store._drivers.s3")


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    libraries()
    # It would look for credentials and settings elsewhere, and on networks.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    return examine(store, settings)

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what S3's answers mean, in an operator's words."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line, reason, tls

Json = dict[str, Any]
WRONG_REGION = (
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "IllegalLocationConstraintException",
    "InvalidLocationConstraint",
    "301",
)


def refused(store: Json, problem: Json) -> Words:
    """Explain an error that the service itself answers."""
    code, key = problem["code"], "access_key"
    tried = f"to {problem['step']} (bucket {store['bucket']}) at {store['host']}"
    said = f"{code or 'HTTP ' + str(problem['status'])}"
    if code == "InvalidAccessKeyId":
        return Words(tried, f"the service does not know the access key ({said})", f"correct the store's {key}")
    if code == "SignatureDoesNotMatch":
        why = f"the access key is known, but the secret key is wrong ({said})"
        return Words(tried, why, "correct the store's secret_key; some services also say so for a wrong region")
    if code in WRONG_REGION:
        region = f"; the service names {problem['region']}" if problem["region"] else ""
        asked = store["region"] or "none"
        return Words(
            tried, f"the bucket is in another region than asked for ({asked}){region}: {said}", "correct region"
        )
    if code == "RequestTimeTooSkewed":
        return Words(
            tried, f"the clocks of this host and the service differ too much ({said})", "set this host's clock"
        )
    if code in ("AccessDenied", "403", "Forbidden"):
        what = "bucket is somebody else's, or a policy forbids this"
        why = f"the key is right, but it may not do that ({said}): the {what}"
        if problem["step"] == "create a bucket":
            why = f"the bucket does not exist, and the key may not create any ({said})"
        return Words(tried, why, "let the key list, read, write and delete in the bucket, or correct the bucket")
    if code in ("TooManyBuckets", "QuotaExceeded", "InsufficientCapacity", "EntityTooLarge"):
        return Words(tried, f"a quota is reached ({said})", "raise it, or free some space")
    if code in ("XAmzContentSHA256Mismatch", "BadDigest", "MissingContentLength", "NotImplemented"):
        why = f"the service does not take the request as boto3 sends it ({said}): {one_line(problem['text'])}"
        return Words(tried, why, checksum_todo(False))
    return Words(tried, one_line(problem["text"]), "see the log of the S3 service")


def checksum_todo(settable: bool) -> str:
    """Return how Glance is kept from sending checksums that an older service refuses."""
    if settable:
        return (
            "under the store's options set s3_store_enable_data_integrity_protection to false, or "
            "s3_store_request_checksum_calculation to when_required"
        )
    return (
        "use Glance 2026.1 or later, which does not send them unless told; with an older one set "
        "AWS_REQUEST_CHECKSUM_CALCULATION=when_required in the service's environment, or keep boto3 below 1.36"
    )


def explain(store: Json, result: Json) -> list[Words]:
    """Return what is wrong."""
    problem = result["problem"]
    kind, step = problem["kind"], problem.get("step", "")
    tried = f"to {step} (bucket {store['bucket']}) at {store['host']}"
    if kind == "refused":
        return [refused(store, problem)]
    if kind == "bucket":
        why = f"there is no such bucket; the key has {listed(problem['buckets'])}"
        todo = "create it, correct the store's bucket, or set create_bucket to true"
        return [Words(f"to find the bucket {store['bucket']} at {store['host']}", why, todo)]
    if kind == "tls":
        return [tls(tried, problem["text"], "cacert")]
    if kind == "name":
        return [Words(tried, f"boto3 does not take the name: {one_line(problem['text'], 120)}", "correct the bucket")]
    if kind == "unreachable":
        why = reason(problem["text"]) if "Could not connect" not in problem["text"] else "nothing answers there"
        return [Words(tried, why, "correct the store's host, start the service, or open the way from this host")]
    if kind == "checksum":
        why = (
            f"the service refuses the checksums that boto3 {problem['version']} adds; without them it takes the object"
        )
        return [Words(tried, why, checksum_todo(problem["settable"]))]
    if kind == "content":
        return [Words(tried, "what was read is not what was written", "see the log of the S3 service")]
    return []


def left(store: Json, name: str) -> str:
    """Return what could not be removed again."""
    return f"the object {store['bucket']}/{name}"

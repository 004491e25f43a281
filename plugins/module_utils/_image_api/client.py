# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A small client of the image API (v2) over a keystoneauth1 adapter: streams, time limits, errors that say what failed.

One instance talks to one address, so that every node behind a load balancer can be asked by its own URL.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Union

from ansible_collections.openimage.glance.plugins.module_utils._api_errors import (
    causes_of,
    explain,
    first_line,
    without_userinfo,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import (
    DeadlineError,
    ImageApiError,
    glance_message,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keystoneauth1.adapter import Adapter
    from requests import Response

Json = dict[str, Any]
Payload = Union["Iterable[bytes]", IO[bytes]]

CONNECT_SECONDS = 5.0
CHUNK = 64 * 1024
PATCH_TYPE = "application/openstack-images-v2.1-json-patch"


class ImageApi:
    """Requests to one endpoint of the image API."""

    def __init__(self, adapter: Adapter, endpoint: str | None = None, seconds: float | None = None) -> None:
        """Take an adapter that has logged in.

        :param endpoint: the address to talk to, with or without C(/v2); the adapter's own if None.
        :param seconds: how long this instance may work in all; no limit but that of each answer if None.
        """
        self._adapter = adapter
        self.root = root_url(endpoint or adapter.get_endpoint() or "")
        self._seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    def within(self, seconds: float) -> ImageApi:
        """Return the same API for a series of requests that must end in time."""
        return ImageApi(self._adapter, self.root, seconds)

    @property
    def project(self) -> str | None:
        """The project that owns what is created, or None without Keystone."""
        return self._adapter.get_project_id()

    # --- information --------------------------------------------------------------------------------------------

    def versions(self) -> list[tuple[int, int]]:
        """Return the versions of the API that this endpoint offers."""
        answer = self._json(self._send("GET", "/versions", accept=(200, 300)))
        return [parse_version(str(version.get("id"))) for version in answer.get("versions", [])]

    def stores(self) -> list[Json]:
        """Return the stores that the configuration declares."""
        return list(self._json(self._send("GET", "/v2/info/stores"))["stores"])

    def stores_detail(self) -> list[Json]:
        """Return the stores as their loaded drivers describe them; needs an admin or the service role."""
        return list(self._json(self._send("GET", "/v2/info/stores/detail"))["stores"])

    def import_methods(self) -> list[str]:
        """Return the import methods that this Glance offers."""
        answer = self._json(self._send("GET", "/v2/info/import"))
        return [str(method) for method in answer.get("import-methods", {}).get("value", [])]

    # --- images -------------------------------------------------------------------------------------------------

    def images(self, **filters: str) -> Iterator[Json]:
        """Yield the images that match, page by page."""
        path: str | None = "/v2/images"
        params: dict[str, str] | None = {"limit": "100", **filters}
        while path:
            page = self._json(self._send("GET", path, params=params))
            yield from page["images"]
            path, params = page.get("next"), None

    def get(self, image_id: str) -> Json:
        """Return one image."""
        return self._json(self._send("GET", f"/v2/images/{image_id}"))

    def exists(self, image_id: str) -> bool:
        """Return whether the API still knows an image."""
        return self._send("GET", f"/v2/images/{image_id}", accept=(200, 404)).status_code == 200

    def create(self, fields: Json) -> Json:
        """Create an image record without data."""
        return self._json(self._send("POST", "/v2/images", json=fields, accept=(201,)))

    def patch(self, image_id: str, operations: Sequence[Json]) -> Json:
        """Change properties of an image."""
        headers = {"Content-Type": PATCH_TYPE}
        return self._json(self._send("PATCH", f"/v2/images/{image_id}", json=list(operations), headers=headers))

    def delete(self, image_id: str) -> bool:
        """Delete an image; return whether there was one."""
        return self._send("DELETE", f"/v2/images/{image_id}", accept=(204, 404)).status_code == 204

    # --- data ---------------------------------------------------------------------------------------------------

    def upload(self, image_id: str, data: Payload, store: str | None = None, seconds: float | None = None) -> None:
        """Send the data of an image.

        :param data: a file, which is sent with its length, or pieces, which are sent as HTTP chunks.
        :param store: id of the store; the default one if None.
        :param seconds: how long the server may be silent.
        """
        headers = {"X-Image-Meta-Store": store} if store else {}
        self._put(f"/v2/images/{image_id}/file", data, headers, seconds)

    @contextmanager
    def download(self, image_id: str) -> Iterator[Iterator[bytes]]:
        """Open the data of an image; the value of the block yields its pieces."""
        path = f"/v2/images/{image_id}/file"
        response = self._send("GET", path, accept=(200,), stream=True)
        try:
            yield self._pieces(response, f"GET {self.root}{path}")
        finally:
            response.close()

    def stage(self, image_id: str, data: Payload, seconds: float | None = None) -> None:
        """Send data to the staging store, from where an import takes it; the rest as in C(upload)."""
        self._put(f"/v2/images/{image_id}/stage", data, {}, seconds)

    def start_import(
        self, image_id: str, method: Json, stores: Sequence[str] = (), all_must_succeed: bool = True
    ) -> None:
        """Start an import that Glance does in the background.

        :param method: name and further values of the import method.
        :param stores: where to; the default store if none is named.
        :param all_must_succeed: undo everything when one store fails; otherwise each is for itself.
        """
        body: Json = {"method": method}
        if stores:
            body.update({"stores": list(stores), "all_stores": False, "all_stores_must_succeed": all_must_succeed})
        self._send("POST", f"/v2/images/{image_id}/import", json=body, accept=(202,))

    def copy_to_stores(self, image_id: str, stores: Sequence[str]) -> None:
        """Start copying the data of an active image to further stores; each succeeds or fails for itself."""
        self.start_import(image_id, {"name": "copy-image"}, stores, all_must_succeed=False)

    def add_location(self, image_id: str, url: str) -> None:
        """Start making a URL the data of an image; Glance then reads it to compute its hash."""
        self._send("POST", f"/v2/images/{image_id}/locations", json={"url": url}, accept=(202,))

    def tasks(self, image_id: str) -> list[Json]:
        """Return what imports were made of an image, oldest first."""
        return list(self._json(self._send("GET", f"/v2/images/{image_id}/tasks"))["tasks"])

    # --- requests -----------------------------------------------------------------------------------------------

    def _put(self, path: str, data: Payload, headers: dict[str, str], seconds: float | None) -> None:
        body = data if hasattr(data, "read") else self._timed(data, f"PUT {self.root}{path}")
        headers = {"Content-Type": "application/octet-stream", **headers}
        # A body that has been read once cannot be sent again: no second try with another token, no redirect.
        self._send(
            "PUT", path, data=body, headers=headers, accept=(204,), seconds=seconds, allow_reauth=False, redirect=False
        )

    def _send(
        self,
        method: str,
        path: str,
        *,
        accept: tuple[int, ...] = (200,),
        seconds: float | None = None,
        **arguments: Any,
    ) -> Response:
        from keystoneauth1 import exceptions

        url = f"{self.root}{path}"
        request = f"{method} {without_userinfo(url)}"
        timeout = self._timeout(request, seconds)
        if "data" in arguments:
            # urllib3 sends a body within the limit for connecting, and a store may take its time before it takes any.
            limits = timeout or self._adapter.session.timeout
            timeout = (limits[1], limits[1]) if isinstance(limits, tuple) else None
        if timeout is not None:
            arguments["timeout"] = timeout
        if "data" in arguments or "stream" in arguments:
            # Nothing may log, and so read, a body that streams.
            arguments["log"] = False
        try:
            response: Response = self._adapter.request(url, method, raise_exc=False, **arguments)
        except exceptions.ClientException as error:
            self._end_in_time(request, error)
            if "data" in arguments and not isinstance(error, (exceptions.ConnectTimeout, exceptions.SSLError)):
                reason = first_line(error).rpartition(": ")[2] or first_line(error)
                raise ImageApiError(request, 0, f"the connection broke off during the upload ({reason})") from error
            raise ImageApiError(request, 0, str(explain(error, url))) from error
        if response.status_code not in accept:
            try:
                detail = glance_message(response.text, response.headers.get("Content-Type"))
            finally:
                response.close()
            raise ImageApiError(request, response.status_code, detail)
        return response

    def _timeout(self, request: str, seconds: float | None) -> tuple[float, float] | None:
        """Return the limits of one request: seconds to connect, and between the bytes of the answer."""
        left = self._left(request)
        if left is not None:
            seconds = left if seconds is None else min(left, seconds)
        return None if seconds is None else (min(CONNECT_SECONDS, seconds), seconds)

    def _left(self, request: str) -> float | None:
        if self._end is None or self._seconds is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineError(request, self._seconds)
        return left

    def _end_in_time(self, request: str, error: Exception) -> None:
        """Blame the caller's own limit and not the network for an answer that this limit did not let come.

        The last of a series of requests may have had a few milliseconds. Who was not even connected is not reached.
        """
        from requests.exceptions import ConnectTimeout

        causes = list(causes_of(error))
        late = any(isinstance(cause, TimeoutError) for cause in causes)
        if late and not any(isinstance(cause, ConnectTimeout) for cause in causes):
            self._left(request)

    def _timed(self, pieces: Iterable[bytes], request: str) -> Iterator[bytes]:
        for piece in pieces:
            self._left(request)
            yield piece

    def _pieces(self, response: Response, request: str) -> Iterator[bytes]:
        from requests import exceptions

        try:
            yield from self._timed(response.iter_content(CHUNK), request)
        except exceptions.RequestException as error:
            self._end_in_time(request, error)
            raise ImageApiError(request, 0, f"the download broke off: {first_line(error)}") from error

    @staticmethod
    def _json(response: Response) -> Json:
        request = f"{response.request.method} {without_userinfo(str(response.url))}"
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            # A proxy or another service answers there, cheerfully.
            start = glance_message(response.text)[:120]
            raise ImageApiError(request, response.status_code, f"this is not the image API: {start}")
        return answer


def root_url(endpoint: str) -> str:
    """Return the address without the version that some catalogs put behind it."""
    return re.sub(r"/v\d+(\.\d+)?$", "", endpoint.rstrip("/")).rstrip("/")


def parse_version(text: str) -> tuple[int, int]:
    """Return C(v2.15) as numbers."""
    major, _dot, minor = text.lstrip("v").partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)

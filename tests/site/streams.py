"""Upload and download as clients do that stream: chunked, without a length."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

MIB = 1024 * 1024


@dataclass(frozen=True)
class Stream:
    """A block, repeated: any amount of data without keeping it, and not of zeros, which a file system may not store."""

    size: int
    chunk: int
    seed: bytes = b"openimage"

    def blocks(self) -> Iterator[bytes]:
        """Yield the data, each block as one chunk of the upload."""
        block = hashlib.shake_256(self.seed).digest(self.chunk)
        for start in range(0, self.size, self.chunk):
            yield block[: self.size - start]

    def sha512(self) -> str:
        """Return the checksum of the whole."""
        digest = hashlib.sha512()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class ImageApi:
    """The few raw requests that openstacksdk does not make in the way that is tested."""

    url: str
    token: str
    timeout: float = 300

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=self.timeout)

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None, chunked: bool = False
    ) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        connection = self._connection()
        try:
            connection.request(
                method,
                path,
                body=body,  # type: ignore[arg-type]
                headers={"X-Auth-Token": self.token, **(headers or {})},
                encode_chunked=chunked,
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def create(self, name: str) -> str:
        """Return the id of a new image record."""
        record = json.dumps({"name": name, "disk_format": "raw", "container_format": "bare"})
        status, body = self.request("POST", "/v2/images", record, {"Content-Type": "application/json"})
        assert status == 201, body
        return str(json.loads(body)["id"])

    def delete(self, image: str) -> None:
        """Remove an image."""
        status, body = self.request("DELETE", f"/v2/images/{image}")
        assert status == 204, body

    def upload(
        self,
        image: str,
        stream: Stream,
        store: str = "",
        sized: bool = False,
        before_end: Callable[[], object] = lambda: None,
    ) -> tuple[int, float]:
        """Send the data, in chunks or with its size said before; return the answer's status and the seconds it took.

        :param before_end: called when all but the last block is on its way.
        """

        def blocks() -> Iterator[bytes]:
            sent = 0
            for block in stream.blocks():
                sent += len(block)
                if sent == stream.size:
                    before_end()
                yield block

        length = {"Content-Length": str(stream.size)} if sized else {"Transfer-Encoding": "chunked"}
        headers = {"Content-Type": "application/octet-stream", **length}
        if store:
            headers["X-Image-Meta-Store"] = store
        started = time.monotonic()
        status, _ = self.request("PUT", f"/v2/images/{image}/file", blocks(), headers, chunked=not sized)
        return status, time.monotonic() - started

    def show(self, image: str) -> dict[str, object]:
        """Return the image record."""
        status, body = self.request("GET", f"/v2/images/{image}")
        assert status == 200, body
        return dict(json.loads(body))

    def download_sha512(self, image: str) -> str:
        """Return the checksum of what comes back."""
        digest = hashlib.sha512()
        connection = self._connection()
        try:
            connection.request("GET", f"/v2/images/{image}/file", headers={"X-Auth-Token": self.token})
            answer = connection.getresponse()
            assert answer.status == 200
            while block := answer.read(MIB):
                digest.update(block)
        finally:
            connection.close()
        return digest.hexdigest()

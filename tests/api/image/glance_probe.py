"""A client of the image API that is not the modules', to prepare and to look."""

from __future__ import annotations

from typing import Any

import requests


class Probe:
    """Requests as an admin of the tests' project."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v2"
        self.http = requests.Session()

    def images(self, **filters: str) -> list[dict[str, Any]]:
        """Return the images that match, hidden ones too."""
        found: list[dict[str, Any]] = []
        for hidden in ("false", "true"):
            answer = self.http.get(f"{self.url}/images", params={**filters, "os_hidden": hidden, "limit": "500"})
            answer.raise_for_status()
            found += answer.json()["images"]
        return found

    def create(self, data: bytes | None = None, **fields: Any) -> dict[str, Any]:
        body = {"disk_format": "raw", "container_format": "bare", **fields}
        answer = self.http.post(f"{self.url}/images", json=body)
        answer.raise_for_status()
        image: dict[str, Any] = answer.json()
        if data is not None:
            headers = {"Content-Type": "application/octet-stream"}
            self.http.put(f"{self.url}/images/{image['id']}/file", data=data, headers=headers).raise_for_status()
        return image

    def data(self, image_id: str) -> bytes:
        return self.http.get(f"{self.url}/images/{image_id}/file").content

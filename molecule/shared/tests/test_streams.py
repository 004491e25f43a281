"""Streams as clients send them: large chunks, no length, many gigabytes, several at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from live_site import LiveSite
from streams import MIB, ImageApi, Stream

GIB = 1024 * MIB


def send(images: ImageApi, stream: Stream) -> str:
    """Upload, compare Glance's own checksum, remove; return what a person wants to know."""
    image = images.create("stream")
    try:
        status, seconds = images.upload(image, stream)
        assert status == 204
        record = images.show(image)
        assert (record["status"], record["size"], record["os_hash_value"]) == ("active", stream.size, stream.sha512())
        if stream.size <= GIB:
            assert images.download_sha512(image) == stream.sha512()
        rate = stream.size / MIB / seconds
        return f"{stream.size // MIB} MiB in chunks of {stream.chunk // MIB} MiB: {rate:.0f} MiB/s"
    finally:
        images.delete(image)


# uWSGI by itself takes chunks of up to 1 MiB.
@pytest.mark.parametrize("chunk", [4 * MIB, 16 * MIB])
def test_large_chunks(images: ImageApi, chunk: int) -> None:
    # The last chunk is a smaller one.
    print(send(images, Stream(6 * chunk + MIB // 2, chunk)))


def test_gigabytes_without_a_length(images: ImageApi) -> None:
    print(send(images, Stream(3 * GIB, 4 * MIB)))


def test_six_at_once(images: ImageApi) -> None:
    streams = [Stream(192 * MIB, 4 * MIB, seed=b"%d" % number) for number in range(6)]
    with ThreadPoolExecutor(len(streams)) as pool:
        for line in pool.map(lambda stream: send(images, stream), streams):
            print(line)


def test_the_workers_memory_stays_bounded(site: LiveSite) -> None:
    """After all these streams: the most that any worker has ever had."""
    statuses = site.shell(f"for p in $(pgrep --parent {site.main_pid()}); do cat /proc/$p/status; done")
    peaks = [int(peak) for peak in re.findall(r"VmHWM:\s+(\d+) kB", statuses)]
    print(f"most memory of each worker: {[f'{peak // 1024} MiB' for peak in peaks]}")
    assert peaks and max(peaks) < 1024 * 1024

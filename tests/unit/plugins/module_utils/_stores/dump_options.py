"""Print the store options of an installed Glance as JSON. Run it with Glance's own interpreter, once for each release.

The answers are kept in ``glance_store_options.json``, one key for each release; the model is tested against them.
"""

from __future__ import annotations

import json

from glance_store import driver
from glance_store._drivers import cinder, filesystem, http, rbd, s3, swift

print(  # noqa: T201
    json.dumps(
        {
            name: {
                option.name: {
                    "kind": type(option.type).__name__,
                    "default": option.default,
                    "min": getattr(option.type, "min", None),
                    "max": getattr(option.type, "max", None),
                }
                for option in [*driver._MULTI_BACKEND_OPTS, *module.Store.OPTIONS]
            }
            for name, module in {
                "file": filesystem,
                "http": http,
                "rbd": rbd,
                "swift": swift,
                "s3": s3,
                "cinder": cinder,
            }.items()
        }
    )
)

# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a store id cannot have, and what people call store types.

PRIVATE to the collection: can change at any time.

The lists were read from all supported releases: the sections of their sample files and of the options that their
libraries register, the options of ``[DEFAULT]``, and the attributes of oslo.config's own class. Glance looks a
store's section up as an attribute of its configuration object: one named like an option or a method hides that, or is
hidden by it.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong, shown, text, words

RESERVED_PREFIX = "os_glance_"
STAGING = "os_glance_staging_store"
TASKS = "os_glance_tasks_store"

SECTIONS = words(
    """audit_middleware_notifications backend_defaults barbican barbican_service_user cors database default
    glance_download_opts glance_download_properties glance_store healthcheck image_conversion image_format
    image_import_opts import_filtering_opts inject_metadata_properties key_manager keystone_authtoken os_brick
    oslo_concurrency oslo_limit oslo_messaging_amqp oslo_messaging_kafka oslo_messaging_metrics
    oslo_messaging_notifications oslo_messaging_rabbit oslo_messaging_tracing oslo_middleware oslo_middleware_tracing
    oslo_policy oslo_reports oslo_versionedobjects paste_deploy privsep privsep_osbrick profiler profiler_jaeger
    profiler_otlp ssl store_type_location_strategy task taskflow_executor vault wsgi"""
)

_OPTIONS = words(
    """allow_additional_image_properties allow_anonymous_access api_limit_max backlog bind_host bind_port
    client_socket_timeout config_dir config_file config_source conn_pool_min_size conn_pool_ttl control_exchange debug
    default_log_levels default_publisher_id delayed_delete digest_algorithm disabled_notifications do_secure_hash
    enabled_backends enabled_import_methods enforce_secure_rbac executor_thread_pool_size fatal_deprecations
    hashing_algorithm http_keepalive http_retries image_cache_dir image_cache_driver image_cache_max_size
    image_cache_sqlite_db image_cache_stall_time image_location_quota image_member_quota image_property_quota
    image_size_cap image_tag_quota instance_format instance_uuid_format limit_param_default location_strategy log_color
    log_config_append log_date_format log_dir log_file log_rotate_interval log_rotate_interval_type log_rotation_type
    logging_context_format_string logging_debug_format_suffix logging_default_format_string logging_exception_prefix
    logging_user_identity_format max_header_line max_logfile_count max_logfile_size_mb max_request_id_length
    metadata_encryption_key node_staging_uri pipe_handle property_protection_file property_protection_rule_format
    public_endpoint publish_errors pydev_worker_debug_host pydev_worker_debug_port rate_limit_burst
    rate_limit_except_level rate_limit_interval rpc_conn_pool_size rpc_ping_enabled rpc_response_timeout
    scrub_pool_size scrub_time shell_completion show_image_direct_url show_multiple_locations syslog_log_facility
    tcp_keepidle transport_url use_eventlog use_journal use_json use_keystone_limits use_stderr use_syslog
    user_storage_quota watch_log_file worker_self_reference_url workers"""
)

_ATTRIBUTES = words(
    """clear clear_default clear_override config_dirs export_state find_file get get_location import_group import_opt
    import_state items keys list_all_sections log_opt_values mutate_config_files print_help print_usage
    register_cli_opt register_cli_opts register_group register_mutate_hook register_opt register_opts
    reload_config_files reset set_default set_override unregister_opt unregister_opts values"""
)

# Store types that are not deployed, and what else people call a type.
GONE_TYPES = {
    "vmware": "Glance deprecated it in 2024.1 for removal",
    "sheepdog": "Glance removed it",
    "gridfs": "Glance removed it",
}
TYPE_ALIASES = {
    "filesystem": "file",
    "nfs": "file",
    "local": "file",
    "ceph": "rbd",
    "rados": "rbd",
    "https": "http",
    "web": "http",
    "object-store": "swift",
    "rgw": "swift",
    "minio": "s3",
    "aws": "s3",
    "lvm": "cinder",
    "iscsi": "cinder",
    "volume": "cinder",
}


def store_id(value: Any) -> str:
    """Return a store id: a section name that nothing else in glance-api.conf uses."""
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise Wrong(
            f"{shown(name)} cannot be a section name in glance-api.conf",
            "write 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit",
        )
    lower = name.lower()
    if lower.startswith(RESERVED_PREFIX):
        raise Wrong(
            f"{name} begins with {RESERVED_PREFIX}, which Glance reserves for its own stores", "write another id"
        )
    if lower in SECTIONS:
        raise Wrong(f"{name} is a section of glance-api.conf with another meaning", f"write another id, like {lower}-0")
    if lower in _OPTIONS or lower in _ATTRIBUTES:
        raise Wrong(f"{name} is a name that Glance's configuration uses itself", f"write another id, like {lower}-0")
    return name

"""Glance's application, as uWSGI loads it where the release needs help: Zed, with oslo.log 5.0.

Under uWSGI Glance runs on native threads. Zed imports eventlet all the same, and its oslo.log then takes eventlet's
locks for the log handlers. Native threads that write their lines at the same time can wait for each other for ever in
those: the threads of the API hang, one after the other, and nothing is logged. Later releases look whether eventlet has
taken the place of threads before they do so.
"""

from oslo_log import log

# log.setup() calls it, and has no argument yet to leave it out.
log._fix_eventlet_logging = lambda: None

from glance.common import wsgi_app  # noqa: E402

application = wsgi_app.init_app()

#!/bin/sh
# Healthy: the server answers. A worker has no port; it is healthy as long as it runs, and whether
# the store sees it is in /queue_stats of the server.
tr '\0' ' ' </proc/1/cmdline | grep -q ' worker' && exit 0
exec python -c 'import os, urllib.request
urllib.request.urlopen("http://127.0.0.1:" + os.environ.get("PORT", "8000") + "/healthz", timeout=3)'

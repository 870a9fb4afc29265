#!/bin/sh
# Starts one role of Galley in a container:
#   all-in-one   store, workers and server in one container (the default)
#   server       the web server; needs REDIS_URL
#   worker       one worker; needs REDIS_URL; takes --concurrency N and --queues analysis,chat,test
# Anything else is run as a command, like: galley keys create NAME
set -eu

role=${1:-all-in-one}
[ $# -eq 0 ] || shift

needs_store() {
    [ -n "${REDIS_URL:-}" ] && return
    echo "The role '$role' shares a store with others: set REDIS_URL, like redis://store:6379/0" >&2
    exit 64
}

# exec, so that the container's stop signal reaches the process that can drain
case $role in
    all-in-one) exec galley run "$@" ;;
    server) [ "${USE_CELERY:-true}" = false ] || needs_store; exec galley server "$@" ;;
    worker) needs_store; exec galley worker "$@" ;;
    *) exec "$role" "$@" ;;
esac

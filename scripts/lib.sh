# shellcheck shell=bash
# Sourced by the scripts beside it.

# Says one sentence and stops.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Is something listening on this port of the loopback address?
port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Runs a command and returns its exit code. SIGTERM and SIGHUP reach it; Ctrl-C does anyway, as to everything on the
# terminal, so that the caller goes on to its own tidying up only when the command has finished its own.
run_child() {
    local child status
    # A background command ignores SIGINT unless told otherwise.
    env --default-signal=INT,QUIT "$@" <&0 &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null || true' TERM HUP
    trap ':' INT
    while kill -0 "$child" 2>/dev/null; do
        wait "$child" 2>/dev/null || true  # a signal ends the wait early
    done
    status=0
    wait "$child" 2>/dev/null || status=$?
    trap - TERM HUP INT
    return "$status"
}

#include <microhttpd.h>
#include <sys/eventfd.h>  // Swift's Glibc module leaves it out.

// accept4(2), which Swift's Glibc module leaves out too.
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);

// MHD_start_daemon, MHD_get_daemon_info and MHD_get_connection_info are variadic, which Swift cannot call: one typed
// function for each use. Source: libmicrohttpd 0.9.75, microhttpd.h.

struct http_daemon_options {
    unsigned int flags;
    size_t connection_memory;
    unsigned int connections;
    unsigned int connections_per_address;
    unsigned int idle_seconds;
    void *context;  // handed to every callback
    MHD_LogCallback log;
    MHD_NotifyConnectionCallback connection_changed;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback request;
    MHD_RequestCompletedCallback request_completed;
};

static inline struct MHD_Daemon *http_daemon_start(const struct http_daemon_options *options) {
    return MHD_start_daemon(options->flags, 0, NULL, NULL, options->request, options->context,
                            MHD_OPTION_EXTERNAL_LOGGER, options->log, options->context,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
                            MHD_OPTION_CONNECTION_LIMIT, options->connections,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address,
                            MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
                            MHD_OPTION_NOTIFY_CONNECTION, options->connection_changed, options->context,
                            MHD_OPTION_URI_LOG_CALLBACK, options->request_line, options->context,
                            MHD_OPTION_NOTIFY_COMPLETED, options->request_completed, options->context,
                            MHD_OPTION_END);
}

// The descriptor to wait on; -1 if there is none.
static inline int http_daemon_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

// What connection_changed stored for this connection.
static inline void *http_connection_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static inline int http_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *http_connection_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

// Bytes of request line and headers of the request being handled; 0 before they are complete.
static inline size_t http_request_header_bytes(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

// MHD_set_response_options is variadic too.
static inline void http_response_without_chunks(struct MHD_Response *response) {
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

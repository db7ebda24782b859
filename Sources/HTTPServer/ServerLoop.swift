import Blocking
import CMicrohttpd
import Glibc
import Limits
import Synchronization

/// The one thread that serves: it owns the libmicrohttpd daemon and every connection, and nobody else touches them.
///
/// libmicrohttpd's own epoll thread can stall for good (0.9.75: it waits without bound after exactly 128 events), so the
/// daemon runs without a thread: this one waits on the daemon's epoll descriptor and on the mailbox, no longer than the
/// daemon allows, and then runs it. Source: microhttpd.h, `MHD_DAEMON_INFO_EPOLL_FD`, `MHD_get_timeout`.
final class ServerLoop {
    let context: RequestContext
    private(set) var now = monotonicMilliseconds()

    private let mailbox: Mailbox
    private let limits: Limits.HTTP
    private var daemon: OpaquePointer?
    /// What to wait for: the daemon's epoll descriptor, the mailbox, and clients that want to connect.
    private var descriptors: [pollfd] = []
    /// `nil` once the server is to stop.
    private var acceptor: Acceptor?
    private var connections: [Connection] = []
    private var answers: [Mailbox.Answer] = []
    private var streams: [StreamedBody] = []
    private var nextSweep: Int64 = 0
    /// When to end although requests are in progress; `nil` while serving.
    private var deadline: Int64?

    /// How often connections are looked over for slow senders, and thus how late one may be noticed.
    private static let sweepMilliseconds: Int64 = 500

    /// Starts serving on a thread of its own, which ends after ``Mailbox/requestStop(drainSeconds:)``.
    static func start(
        on socket: consuming ListeningSocket,
        limits: Limits.HTTP,
        handler: any HTTPHandler,
        mailbox: Mailbox,
        reportError: @escaping @Sendable (String) -> Void
    ) throws(HTTPServerError) {
        let loop = ServerLoop(limits: limits, handler: handler, mailbox: mailbox, reportError: reportError)
        loop.acceptor = Acceptor(socket)
        try loop.startDaemon()
        try loop.startThread()
    }

    private init(
        limits: Limits.HTTP,
        handler: any HTTPHandler,
        mailbox: Mailbox,
        reportError: @escaping @Sendable (String) -> Void
    ) {
        self.limits = limits
        self.mailbox = mailbox
        context = RequestContext(handler: handler, mailbox: mailbox, limits: limits, reportError: reportError)
    }

    // MARK: connections, told by the daemon

    func add(_ handle: OpaquePointer) -> Connection {
        let connection = Connection(handle: handle, index: connections.count, now: now)
        connections.append(connection)
        mailbox.openConnections.store(connections.count, ordering: .relaxed)
        return connection
    }

    func remove(_ connection: Connection) {
        connection.handle = nil
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
        mailbox.openConnections.store(connections.count, ordering: .relaxed)
    }

    // MARK: start

    private func startDaemon() throws(HTTPServerError) {
        var options = http_daemon_options()
        options.flags =
            MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ITC.rawValue
            | MHD_USE_NO_LISTEN_SOCKET.rawValue | MHD_USE_ERROR_LOG.rawValue
        options.connection_memory = Self.connectionMemory(headerBytes: limits.headerBytes)
        options.connections = UInt32(clamping: limits.connections)
        options.connections_per_address = UInt32(clamping: limits.connectionsPerAddress)
        options.idle_seconds = UInt32(clamping: limits.idleSeconds)
        options.context = Unmanaged.passUnretained(self).toOpaque()
        options.setCallbacks()
        daemon = http_daemon_start(&options)
        guard daemon != nil else {
            throw .cannotStart(reason: "libmicrohttpd found no memory or no file descriptor for it")
        }
        descriptors = [http_daemon_epoll(daemon), mailbox.wakeup.descriptor, -1].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
    }

    /// The block that a connection has for a request's head, what is made of it, and the head of the answer, in bytes.
    ///
    /// A page more than the headers holds the rest for the largest head allowed. No more, because all of it is zeroed after
    /// every request.
    private static func connectionMemory(headerBytes: Int) -> Int { headerBytes + 4_096 }

    private func startThread() throws(HTTPServerError) {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread,
            nil,
            { loop in
                if let loop { Unmanaged<ServerLoop>.fromOpaque(loop).takeRetainedValue().run() }
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            retained.release()
            MHD_stop_daemon(daemon)
            throw .cannotStart(reason: "no thread: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
    }

    // MARK: the thread

    private func run() {
        Self.prepareThread()
        mailbox.open()
        while !isOver {
            wait()
            deliverAnswers()
            guard MHD_run(daemon) == .YES else {
                context.reportError("libmicrohttpd cannot go on; the HTTP server ends")
                break
            }
            if now >= nextSweep { sweep() }
            if deadline != nil { endResting() }
        }
        end()
    }

    /// A client that goes away while it is written to must not end the process: this thread gets the error instead.
    private static func prepareThread() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        ThreadUrgency.awaited.apply()
    }

    private func wait() {
        let allowed = timeoutMilliseconds()
        let timeout = allowed != 0 && mailbox.fallAsleep() ? allowed : 0
        let room = limits.connections - connections.count
        descriptors[2].fd = acceptor?.descriptor(room: room, at: now) ?? -1
        poll(&descriptors, nfds_t(descriptors.count), timeout)
        now = monotonicMilliseconds()
        if descriptors[1].revents != 0 { mailbox.wakeup.clear() }
        if descriptors[2].revents != 0 {
            acceptor?.accept(for: daemon, room: room, at: now, reportError: context.reportError)
        }
    }

    /// -1 is without bound.
    private func timeoutMilliseconds() -> Int32 {
        var allowed: UInt64 = 0
        var timeout = MHD_get_timeout(daemon, &allowed) == .YES ? Int64(clamping: allowed) : .max
        guard timeout > 0 else { return 0 }
        now = monotonicMilliseconds()
        if !connections.isEmpty || now < acceptor?.pausedUntil ?? 0 { timeout = min(timeout, nextSweep - now) }
        if let deadline { timeout = min(timeout, deadline - now) }
        return timeout == .max ? -1 : Int32(clamping: max(0, timeout))
    }

    private func deliverAnswers() {
        let drainSeconds = mailbox.take(&answers, &streams)
        for answer in answers { answer.connection.resume(with: answer.response) }
        answers.removeAll(keepingCapacity: true)
        for stream in streams { stream.connection.resume(stream) }
        streams.removeAll(keepingCapacity: true)
        if let drainSeconds { drain(until: now + Int64(drainSeconds) * 1_000) }
    }

    private func sweep() {
        nextSweep = now + Self.sweepMilliseconds
        let limit = Int64(limits.requestSeconds) * 1_000
        for connection in connections where connection.hasBeenReceiving(forMilliseconds: limit, at: now) {
            connection.hangUp()
        }
        let stall = Int64(limits.streamStallSeconds) * 1_000
        for connection in connections where connection.stream != nil {
            connection.lookAfterStream(stallMilliseconds: stall, at: now)
        }
    }

    // MARK: the end

    private var isOver: Bool { deadline.map { connections.isEmpty || now >= $0 } ?? false }

    private func drain(until end: Int64) {
        context.closing = true
        acceptor = nil
        deadline = min(deadline ?? end, end)
        for connection in connections { connection.stream?.serverIsStopping() }
    }

    /// Ends the connections that no request is on; called after a run, which has read what had arrived.
    private func endResting() {
        for connection in connections where connection.isResting(at: now) { connection.hangUp() }
    }

    private func end() {
        context.ended = true
        for connection in connections {
            connection.resume(with: .stopping)
            connection.breakOffStream()
        }
        _ = MHD_run(daemon)  // sends these answers: the daemon must not be stopped while a connection is set aside
        MHD_stop_daemon(daemon)
        mailbox.close()
    }
}

private func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

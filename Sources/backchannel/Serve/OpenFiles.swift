import Foundation

/// The number of files that this process may have open, connections included.
enum OpenFiles {
    /// Queue, log, MongoDB's pool and the like.
    private static let others: rlim_t = 256

    /// Raises the soft limit so far that every connection allowed finds a descriptor.
    ///
    /// - Returns: how many connections there is room for, which is fewer than asked where the hard limit is low.
    static func makeRoom(forConnections connections: Int) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return connections }
        let wanted = rlim_t(connections) + others
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            setrlimit(resource, &limit)
        }
        return Int(clamping: limit.rlim_cur) - Int(others)
    }
}

import Glibc

/// The room of the file system that holds a folder, in bytes.
struct DiskSpace: Sendable {
    let free: Int64
    let total: Int64

    /// `nil` when the system does not say.
    static func of(_ folder: String) -> DiskSpace? {
        var system = statvfs()
        guard statvfs(folder, &system) == 0 else { return nil }
        let unit = Int64(system.f_frsize)
        return DiskSpace(free: Int64(system.f_bavail) * unit, total: Int64(system.f_blocks) * unit)
    }

    /// Whether using `bytes` would leave less than `reserve`; of a small disk a tenth is reserve enough.
    func isShort(of bytes: Int64, reserving reserve: Int64) -> Bool { free - bytes < min(reserve, total / 10) }
}

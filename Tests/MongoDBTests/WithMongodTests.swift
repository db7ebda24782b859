import Foundation
import Glibc
import MongoDB
import TestSupport
import Testing

/// What `scripts/with-mongod` promises to whoever runs beside it.
struct WithMongodTests {
    /// Where the kernel shares the processor by session, and lets a session step back.
    private static let hasAutogroups: Bool = {
        let isOn = try? String(contentsOfFile: "/proc/sys/kernel/sched_autogroup_enabled", encoding: .utf8)
        return isOn?.hasPrefix("1") == true && getuid() == 0 && access("/proc/self/autogroup", W_OK) == 0
    }()

    private static func autogroup(of process: String) throws -> String {
        try String(contentsOfFile: "/proc/\(process)/autogroup", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(.enabled(if: hasAutogroups, "sched(7): this kernel shares the processor without sessions"))
    func theServiceGoesFirst() async throws {
        try await withFreshDatabase { pool, _ in
            let ask = doc { $0.append("serverStatus", Int32(1)) }
            let status = try pool.withConnection { connection throws(MongoError) in
                try connection.command(ask, on: "admin")
            }
            let process = try #require(status.int64("pid"))
            let (its, ours) = (try Self.autogroup(of: "\(process)"), try Self.autogroup(of: "self"))
            #expect(its.hasSuffix(" nice 10"))
            #expect(its.prefix { $0 != " " } != ours.prefix { $0 != " " })
        }
    }
}

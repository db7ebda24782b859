import Limits
import MongoDB
import TestSupport
import Testing

/// What a server answers, made by its own `failCommand` fail point.
struct FailPointTests {
    struct Case: Sendable, CustomStringConvertible {
        var command = "insert"
        var code: Int32?
        /// 0 is always.
        var times: Int32 = 0
        var inTransaction = false
        /// `nil`: it is overcome.
        let kind: MongoError.Kind?

        var description: String {
            let what = code.map { "answers \($0)" } ?? "hangs up"
            return "\(command) \(what)\(inTransaction ? " in a transaction" : ""), \(times) times"
        }
    }

    static let cases = [
        Case(code: 10107, kind: .notPrimary),
        Case(code: 189, kind: .notPrimary),
        Case(code: 91, kind: .notPrimary),
        Case(code: 11600, kind: .notPrimary),
        Case(kind: .unreachable),
        Case(code: 112, kind: .writeConflict),
        Case(code: 50, kind: .timedOut),
        Case(code: 262, kind: .timedOut),
        Case(code: 13, kind: .refused(code: 13)),
        Case(code: 112, inTransaction: true, kind: .transientTransaction),
        Case(code: 251, inTransaction: true, kind: .transientTransaction),
        Case(code: 10107, times: 1, inTransaction: true, kind: .notPrimary),
        Case(times: 1, inTransaction: true, kind: .unreachable),
        Case(command: "commitTransaction", inTransaction: true, kind: .unknownCommitResult),
        Case(command: "commitTransaction", code: 91, inTransaction: true, kind: .unknownCommitResult),
        Case(command: "commitTransaction", times: 3, inTransaction: true, kind: nil),
        Case(command: "commitTransaction", code: 251, inTransaction: true, kind: .transientTransaction),
        Case(command: "abortTransaction", code: 251, inTransaction: true, kind: nil),
    ]

    @Test func classifiesEveryAnswer() async throws {
        let server = try await MongoServer()
        var limits = Limits.Mongo()
        limits.commitAttempts = 2
        // After an invented "not primary" the server pushes no news, so that the driver finds out at its next heartbeat.
        let uri = server.uri + "&heartbeatFrequencyMS=500"
        let pool = try MongoPool(uri: uri, appName: Self.client, limits: limits)
        for (number, example) in Self.cases.enumerated() {
            try await server.command(failPoint(example))
            let error = try await blocking { insertOne(number, in: pool, inTransaction: example.inTransaction) }
            #expect(error?.kind == example.kind, "\(example): \(String(describing: error))")
            if case .refused = example.kind { #expect(error?.isTransient == false) }
            if case .transientTransaction = example.kind { #expect(error?.isTransient == true) }

            try await server.command(failPointOff)
            let stored = try await blocking {
                try pool.withConnection { connection throws(MongoError) in
                    try connection.all("things", in: "test", id(number)).count
                }
            }
            #expect(stored == (example.kind == nil ? 1 : 0), "\(example)")
        }
        await server.stop()
    }

    /// The client whose commands fail; the test's other commands come from another.
    private static let client = "fail-points"

    private var failPointOff: BSONDocument {
        doc {
            $0.append("configureFailPoint", "failCommand")
            $0.append("mode", "off")
        }
    }

    private func failPoint(_ example: Case) -> BSONDocument {
        doc {
            $0.append("configureFailPoint", "failCommand")
            if example.times == 0 {
                $0.append("mode", "alwaysOn")
            } else {
                $0.append("mode", document: { $0.append("times", example.times) })
            }
            $0.append("data") {
                $0.append("failCommands", [example.command])
                $0.append("appName", Self.client)
                if let code = example.code {
                    $0.append("errorCode", code)
                } else {
                    $0.append("closeConnection", true)
                }
            }
        }
    }
}

private func insertOne(_ number: Int, in pool: MongoPool, inTransaction: Bool) -> MongoError? {
    do throws(MongoError) {
        try pool.withConnection { connection throws(MongoError) in
            guard inTransaction else { return try connection.insert([id(number)], into: "things", in: "test") }
            try connection.withTransaction { session throws(MongoError) in
                try connection.insert([id(number)], into: "things", in: "test", session: session)
            }
        }
        return nil
    } catch {
        return error
    }
}

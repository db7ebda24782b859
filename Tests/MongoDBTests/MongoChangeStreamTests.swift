import Limits
import MongoDB
import TestSupport
import Testing

struct MongoChangeStreamTests {
    private static let soon = MongoWatchOptions(waitMilliseconds: 50)
    private static let patient = MongoWatchOptions(waitMilliseconds: 8_000)

    @Test func tellsOfEveryChangeInOrder() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.watch("things", in: name, options: Self.patient) { stream throws(MongoError) in
                    try connection.insert([id(1), id(2)], into: "things", in: name)
                    try connection.insert([id(1)], into: "other things", in: name)
                    _ = try connection.update(
                        [MongoUpdate(filter: id(1), update: increment("n"))],
                        in: "things",
                        of: name
                    )
                    _ = try connection.delete([(id(2), 1)], in: "things", of: name)
                    var seen: [String] = []
                    while seen.count < 4 {
                        guard let change = try stream.next() else { break }
                        let key = change.document("documentKey")?.int64("_id") ?? 0
                        seen.append("\(change.string("operationType") ?? "") \(key)")
                    }
                    #expect(seen == ["insert 1", "insert 2", "update 1", "delete 2"])
                }
            }
        }
    }

    @Test func saysWhenNothingHappens() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.watch("things", in: name, options: Self.soon) { stream throws(MongoError) in
                    #expect(try stream.next() == nil)
                    #expect(stream.resumeToken != nil)
                    try connection.insert([id(1)], into: "things", in: name)
                    var change: BSONDocument?
                    while change == nil { change = try stream.next() }
                    #expect(change?.document("fullDocument") == id(1))
                }
            }
        }
    }

    @Test func cutsAndLooksUp() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let stages = [doc { $0.append("$project") { $0.append("fullDocument.n", Int32(1)) } }]
                var options = Self.patient
                options.looksUpDocuments = true
                try connection.insert([id(1)], into: "things", in: name)
                try connection.watch("things", stages, in: name, options: options) { stream throws(MongoError) in
                    _ = try connection.update(
                        [MongoUpdate(filter: id(1), update: increment("n"))],
                        in: "things",
                        of: name
                    )
                    let change = try stream.next()
                    #expect(change?.document("fullDocument") == doc { $0.append("n", Int64(1)) })
                    #expect(change?["documentKey"] == nil)
                }
            }
        }
    }

    @Test func goesOnAfterAToken() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                var options = Self.patient
                try connection.watch("things", in: name, options: options) { stream throws(MongoError) in
                    try connection.insert([id(1), id(2), id(3)], into: "things", in: name)
                    _ = try stream.next()
                    options.resumeAfter = stream.resumeToken
                }
                try connection.watch("things", in: name, options: options) { stream throws(MongoError) in
                    #expect(try stream.next()?.document("documentKey") == id(2))
                    #expect(try stream.next()?.document("documentKey") == id(3))
                }
            }
        }
    }

    @Test func aStandaloneServerRefuses() async throws {
        let server = try await MongoServer(.standalone)
        let uri = server.uri
        try await blocking {
            let pool = try MongoPool(uri: uri, appName: "test", limits: .init())
            let error = #expect(throws: MongoError.self) {
                try pool.withConnection { connection throws(MongoError) in
                    try connection.watch("things", in: "test", options: Self.soon) { _ in }
                }
            }
            #expect(error?.isTransient == false)
            #expect(error?.description.contains("watch test.things") == true)
        }
        await server.stop()
    }

    @Test func survivesARestartOfTheServer() async throws {
        let server = try await MongoServer()
        let pool = try MongoPool(uri: server.uri, appName: "test", limits: .init())
        let token = try await blocking {
            try pool.withConnection { connection throws(MongoError) in
                try connection.watch("things", in: "test", options: Self.patient) { stream throws(MongoError) in
                    try connection.insert([id(1)], into: "things", in: "test")
                    _ = try stream.next()
                    return stream.resumeToken
                }
            }
        }
        try await blocking {
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert([id(2)], into: "things", in: "test")
            }
        }
        try await server.restart()
        try await blocking {
            let options = MongoWatchOptions(resumeAfter: token, waitMilliseconds: 8_000)
            try pool.withConnection { connection throws(MongoError) in
                try connection.watch("things", in: "test", options: options) { stream throws(MongoError) in
                    #expect(try stream.next()?.document("documentKey") == id(2))
                }
            }
        }
        await server.kill()
        try await blocking {
            let error = #expect(throws: MongoError.self) {
                try pool.withConnection { connection throws(MongoError) in
                    try connection.watch("things", in: "test", options: Self.soon) { _ in }
                }
            }
            #expect(error?.isTransient == true)
        }
    }

    @Test func readsTypesOfOthers() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let convert = doc {
                    $0.append("$set") {
                        $0.append("decimal") { $0.append("$toDecimal", "12.50") }
                    }
                }
                var document = id(1)
                document.append("uuid", uuid: Array(0..<16))
                document.append("bytes", [1, 2, 3])
                try connection.insert([document], into: "things", in: name)
                let command = doc {
                    $0.append("update", "things")
                    $0.append("updates") { (array: inout BSONArray) in
                        array.append {
                            $0.append("q", id(1))
                            $0.append("u") { (stages: inout BSONArray) in stages.append(convert) }
                        }
                    }
                }
                _ = try connection.command(command, on: name)
                let stored = try connection.all("things", in: name)[0]
                var found: [String: (decimal: String?, uuid: [UInt8]?)] = [:]
                for element in stored.elements { found[element.key] = (element.decimal, element.uuid) }
                #expect(found["decimal"]?.decimal == "12.50" && found["decimal"]?.uuid == nil)
                #expect(found["uuid"]?.uuid == Array(0..<16) && found["uuid"]?.decimal == nil)
                #expect(found["bytes"]?.uuid == nil)
            }
        }
    }
}

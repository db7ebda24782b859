import MongoDB
import TestSupport
import Testing

struct MongoConnectionTests {
    @Test func storesChangesAndRemoves() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert((0..<10).map(id), into: "things", in: name)
                let updated = try connection.update(
                    [
                        MongoUpdate(filter: id(3), update: increment("n")),
                        MongoUpdate(filter: id(100), update: increment("n", by: 5), upsert: true),
                        MongoUpdate(filter: id(200), update: increment("n")),
                        MongoUpdate(filter: BSONDocument(), update: increment("m", by: 0), multi: true),
                    ],
                    in: "things",
                    of: name,
                    ordered: true
                )
                #expect(updated == MongoUpdateResult(matched: 12, modified: 12, upserted: 1))
                let one = (filter: BSONDocument(), limit: 1)
                #expect(try connection.delete([one, one, (id(3), 0), (id(999), 0)], in: "things", of: name) == 3)
                #expect(try connection.all("things", in: name).last?.int64("n") == 5)
                #expect(try connection.all("things", in: name).count == 8)
            }
        }
    }

    @Test func findsByOptions() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let documents = (0..<20).map { number in
                    doc {
                        $0.append("_id", Int32(number))
                        $0.append("text", "text \(number)")
                    }
                }
                try connection.insert(documents, into: "things", in: name)
                var ids: [Int64?] = []
                let options = MongoFindOptions(
                    sort: doc { $0.append("_id", Int32(-1)) },
                    projection: doc { $0.append("_id", Int32(1)) },
                    limit: 5,
                    skip: 2,
                    hint: "_id_",
                    batchSize: 2,
                    maxTimeMS: 5_000
                )
                try connection.find("things", BSONDocument(), in: name, options: options) {
                    document throws(MongoError) in
                    #expect(document["text"] == nil)
                    ids.append(document.int64("_id"))
                    return ids.count < 4
                }
                #expect(ids == [17, 16, 15, 14])
            }
        }
    }

    @Test func aggregates() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert((0..<10).map(id), into: "things", in: name)
                let group = doc {
                    $0.append("$group") {
                        $0.appendNull("_id")
                        $0.append("sum", document: { $0.append("$sum", "$_id") })
                    }
                }
                var sums: [Int64?] = []
                try connection.aggregate("things", [group], in: name, allowDiskUse: true, maxTimeMS: 5_000) {
                    document throws(MongoError) in
                    sums.append(document.int64("sum"))
                    return true
                }
                #expect(sums == [45])
            }
        }
    }

    @Test func readsManyBatchesOfACursor() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let text = String(repeating: "x", count: 500)
                let documents = (0..<40_000).map { number in
                    doc {
                        $0.append("_id", Int32(number))
                        $0.append("text", text)
                    }
                }
                try connection.insert(documents, into: "things", in: name)  // 22 MB: several commands
                var next: Int64 = 0
                try connection.find("things", BSONDocument(), in: name, options: .init(hint: "_id_")) {
                    document throws(MongoError) in
                    #expect(document.int64("_id") == next)
                    next += 1
                    return true
                }
                #expect(next == 40_000)
            }
        }
    }

    @Test func aDocumentOfTheLargestSizeIsStoredWhole() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                var document = id(1)
                document.append("text", String(repeating: "x", count: 16 * 1_048_576 - document.byteCount - 11))
                #expect(document.byteCount == 16 * 1_048_576)
                try connection.insert([document], into: "things", in: name)
                #expect(try connection.all("things", in: name) == [document])
            }
        }
    }

    @Test func anErrorThrownByTheReaderEndsTheQuery() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert((0..<10).map(id), into: "things", in: name)
                let wrong = doc { $0.append("notACommand", Int32(1)) }
                let error = #expect(throws: MongoError.self) {
                    try connection.find("things", BSONDocument(), in: name) { _ throws(MongoError) in
                        _ = try connection.command(wrong, on: name)
                        return true
                    }
                }
                #expect(error?.kind == .refused(code: 59))
            }
        }
    }

    @Test func runsCommandsInAndOutOfASession() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                let ping = doc { $0.append("ping", Int32(1)) }
                #expect(try connection.command(ping, on: "admin").int64("ok") == 1)
                let count = doc { $0.append("count", "things") }
                try connection.withTransaction { session throws(MongoError) in
                    try connection.insert([id(1)], into: "things", in: name, session: session)
                    let find = doc {
                        $0.append("find", "things")
                        $0.append("singleBatch", true)
                    }
                    let reply = try connection.command(find, on: name, in: session)
                    #expect(reply.document("cursor")?.array("firstBatch")?.count == 1)
                    #expect(try connection.command(count, on: name).int64("n") == 0)
                }
                #expect(try connection.command(count, on: name).int64("n") == 1)
            }
        }
    }

    @Test func doingNothingIsAllowed() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert([], into: "things", in: name)
                #expect(try connection.update([], in: "things", of: name).matched == 0)
                try connection.withTransaction { _ in }
            }
        }
    }
}

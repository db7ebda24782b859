import MongoDB
import TestSupport
import Testing

struct MongoTransactionTests {
    private struct Regret: Error {}

    @Test func allOrNothing() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert([id(0)], into: "things", in: name)
                let error = #expect(throws: MongoError.self) {
                    try connection.withTransaction { session throws(MongoError) in
                        try connection.insert([id(1)], into: "things", in: name, session: session)
                        #expect(try connection.all("things", in: name, session: session).count == 2)
                        try connection.insert([id(0)], into: "things", in: name, session: session)
                    }
                }
                #expect(error?.kind == .duplicateKey)
                #expect(try connection.all("things", in: name) == [id(0)])

                try connection.withTransaction { session throws(MongoError) in
                    _ = try connection.update(
                        [MongoUpdate(filter: id(1), update: increment("n"), upsert: true)],
                        in: "things",
                        of: name,
                        session: session
                    )
                    #expect(try connection.delete([(id(0), 1)], in: "things", of: name, session: session) == 1)
                }
                #expect(try connection.all("things", in: name).map { $0.int64("_id") } == [1])
            }
        }
    }

    @Test func twoSessionsInOneDocumentConflict() async throws {
        try await withFreshDatabase { pool, name in
            try pool.withConnection { first throws(MongoError) in
                try first.insert([id(1)], into: "things", in: name)
                let touch = [MongoUpdate(filter: id(1), update: increment("n"))]
                try pool.withConnection { second throws(MongoError) in
                    try first.withTransaction { session throws(MongoError) in
                        _ = try first.update(touch, in: "things", of: name, session: session)
                        let error = #expect(throws: MongoError.self) {
                            try second.withTransaction { other throws(MongoError) in
                                try second.update(touch, in: "things", of: name, session: other)
                            }
                        }
                        #expect(error?.kind == .transientTransaction)
                        #expect(error?.isTransient == true)
                    }
                    _ = try second.withTransaction { other throws(MongoError) in
                        try second.update(touch, in: "things", of: name, session: other)
                    }
                }
                #expect(try first.all("things", in: name).first?.int64("n") == 2)
            }
        }
    }

    @Test func anOrphanedTransactionIsKilledByItsSessionsId() async throws {
        try await withFreshDatabase { pool, name in
            let touch = [MongoUpdate(filter: id(1), update: increment("n"))]
            try pool.withConnection { connection throws(MongoError) in
                try connection.insert([id(1)], into: "things", in: name)
                let orphan = try pool.openWriter()
                let error = #expect(throws: MongoError.self) {
                    try orphan.withTransaction { session throws(MongoError) in
                        _ = try orphan.connection.update(touch, in: "things", of: name, session: session)
                        try connection.killSessions([orphan.session.id])
                        // Free at once: without the kill this would wait for the transaction.
                        _ = try connection.update(touch, in: "things", of: name)
                    }
                }
                #expect(error?.kind == .transientTransaction)

                _ = try orphan.withTransaction { session throws(MongoError) in
                    try orphan.connection.update(touch, in: "things", of: name, session: session)
                }
                #expect(try connection.all("things", in: name).first?.int64("n") == 2)
            }
        }
    }

    @Test func aWriterKeepsItsSession() async throws {
        try await withFreshDatabase { pool, name in
            let writer = try pool.openWriter()
            let other = try pool.openWriter()
            #expect(writer.session.id.count == 16)
            #expect(writer.session.id != other.session.id)
            let before = writer.session.id
            for number in 0..<3 {
                try writer.withTransaction { session throws(MongoError) in
                    #expect(session.id == before)
                    try writer.connection.insert([id(number)], into: "things", in: name, session: session)
                }
            }
            #expect(try writer.connection.all("things", in: name).count == 3)
        }
    }
}

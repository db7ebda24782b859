import Foundation
import SQLite
import Testing

struct SQLiteTests {
    /// A folder that goes when its owner goes.
    final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "sqlite-\(UUID().uuidString)").path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func file(_ name: String = "test.sqlite") -> String { path + "/" + name }
    }

    private let folder: Folder
    init() throws { folder = try Folder() }

    private func database(_ sql: String = "CREATE TABLE t (a, b)") throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: folder.file())
        try connection.execute("PRAGMA journal_mode = WAL; \(sql)")
        return connection
    }

    private func kind(of body: () throws -> Void) -> SQLiteError.Kind? {
        do {
            try body()
            return nil
        } catch { return (error as? SQLiteError)?.kind }
    }

    // MARK: Values

    @Test(arguments: [[], [0], [1, 2, 3], [UInt8](repeating: 9, count: 100_000)])
    func blobsComeBack(_ bytes: [UInt8]) throws {
        let connection = try database()
        let insert = try connection.prepare("INSERT INTO t VALUES (?, 1)")
        try insert.bind(1, bytes)
        try insert.run()
        let select = try connection.prepare("SELECT a, typeof(a) FROM t")
        #expect(try select.step())
        #expect(try select.blob(at: 0) == bytes)
        #expect(select.byteCount(at: 0) == bytes.count)
        #expect(select.text(at: 1) == "blob")
        #expect(try !select.step())
    }

    @Test(arguments: ["", "a", "née 🎻", "nul\u{0}inside", String(repeating: "ab", count: 50_000)])
    func textsComeBack(_ text: String) throws {
        let connection = try database()
        let insert = try connection.prepare("INSERT INTO t VALUES (?, 1)")
        try insert.bind(1, text)
        try insert.run()
        #expect(try connection.text("SELECT a FROM t") == text)
        #expect(try connection.text("SELECT typeof(a) FROM t") == "text")
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func integersComeBack(_ number: Int64) throws {
        let connection = try database()
        let insert = try connection.prepare("INSERT INTO t VALUES (?, ?)")
        try insert.bind(1, number)
        try insert.bind(2, nil as Int64?)
        try insert.run()
        #expect(try connection.integer("SELECT a FROM t") == number)
        #expect(try connection.integer("SELECT b FROM t") == nil)
        #expect(try connection.text("SELECT b FROM t") == nil)
        #expect(try connection.integer("SELECT a FROM t WHERE 0") == nil)
    }

    @Test func statementsAreUsedAgain() throws {
        let connection = try database()
        let insert = try connection.prepare("INSERT INTO t VALUES (?, ?)")
        for number in 0..<100 {
            try insert.bind(1, Int64(number))
            try insert.bind(2, "row \(number)" as String?)
            try insert.run()
        }
        let select = try connection.prepare("SELECT a FROM t WHERE a >= ? ORDER BY a")
        try select.bind(1, 98)
        #expect(try select.step())
        select.reset()
        try select.bind(1, 99)
        #expect(try select.step())
        #expect(select.integer(at: 0) == 99)
        #expect(try !select.step())
    }

    @Test func aStatementOutlivesItsConnectionsName() throws {
        let select = try SQLiteConnection(path: folder.file()).prepare("SELECT 7")
        #expect(try select.step())
        #expect(select.integer(at: 0) == 7)
    }

    // MARK: Transactions

    @Test func aTransactionIsAllOrNothing() throws {
        let connection = try database("CREATE TABLE t (a UNIQUE, b)")
        try connection.transaction { () throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES (1, 1)")
            #expect(connection.changes == 1)
        }
        let failure = kind {
            try connection.transaction { () throws(SQLiteError) in
                try connection.execute("INSERT INTO t VALUES (2, 2)")
                try connection.execute("INSERT INTO t VALUES (1, 1)")
            }
        }
        #expect(failure == .constraint)
        #expect(try connection.integer("SELECT count(*) FROM t") == 1)
        // The connection is usable at once.
        try connection.transaction { () throws(SQLiteError) in try connection.execute("INSERT INTO t VALUES (3, 3)") }
    }

    @Test func theLogIsCountedCopiedAndKept() throws {
        let connection = try database()
        try connection.execute("INSERT INTO t VALUES (zeroblob(100000), 1)")
        #expect(connection.walFrames > 20)
        let checkpoint = try connection.checkpoint(.passive)
        #expect(checkpoint.isComplete && checkpoint.copiedFrames == connection.walFrames)
        #expect(try connection.checkpoint(.truncate).isComplete)
        #expect(try FileManager.default.attributesOfItem(atPath: folder.file() + "-wal")[.size] as? Int == 0)

        try connection.execute("INSERT INTO t VALUES (2, 2)")
        connection.keepLogOnClose()
    }

    @Test func aKeptLogStaysOnClose() throws {
        func write() throws {
            let connection = try database()
            try connection.execute("INSERT INTO t VALUES (2, 2)")
            connection.keepLogOnClose()
        }
        try write()
        #expect(FileManager.default.fileExists(atPath: folder.file() + "-wal"))
        #expect(try SQLiteConnection(path: folder.file()).integer("SELECT a FROM t") == 2)
    }

    // MARK: Errors

    @Test func errorsAreClassified() throws {
        let connection = try database("CREATE TABLE t (a UNIQUE, b)")
        #expect(kind { try connection.execute("nonsense") } == .other)
        #expect(kind { _ = try connection.prepare("SELECT * FROM missing") } == .other)
        #expect(kind { _ = try SQLiteConnection(path: folder.path + "/no/such/folder") } == .cannotOpen)
        #expect(kind { _ = try SQLiteConnection(path: folder.file("absent"), access: .readWrite) } == .cannotOpen)

        let reader = try SQLiteConnection(path: folder.file(), access: .readOnly)
        #expect(kind { try reader.execute("INSERT INTO t VALUES (1, 1)") } == .readOnly)

        let other = try SQLiteConnection(path: folder.file())
        try connection.execute("BEGIN IMMEDIATE")
        #expect(kind { try other.execute("BEGIN IMMEDIATE") } == .busy)
    }

    @Test func aFullFileRecovers() throws {
        let connection = try database()
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        _ = try connection.integer("PRAGMA max_page_count = \(pages + 4)")
        #expect(kind { try connection.execute("INSERT INTO t VALUES (zeroblob(100000), 1)") } == .full)
        try connection.execute("INSERT INTO t VALUES (1, 1)")
        #expect(try connection.integer("SELECT count(*) FROM t") == 1)
    }

    @Test func damageIsRecognised() throws {
        try Data(repeating: 0x41, count: 10_000).write(to: URL(filePath: folder.file("letter")))
        let letter = try SQLiteConnection(path: folder.file("letter"))
        #expect(kind { _ = try letter.integer("SELECT count(*) FROM sqlite_schema") } == .notADatabase)

        func write() throws {
            let connection = try database()
            try connection.execute("INSERT INTO t VALUES (zeroblob(100000), 1)")
        }
        try write()
        let file = try FileHandle(forUpdating: URL(filePath: folder.file()))
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0x55, count: 4_096))
        try file.close()
        let damaged = try SQLiteConnection(path: folder.file())
        #expect(kind { _ = try damaged.integer("SELECT count(*) FROM t") } == .corrupt)
    }

    @Test func errorsHoldNoBoundValues() throws {
        let connection = try database("CREATE TABLE t (a UNIQUE, b)")
        let insert = try connection.prepare("INSERT INTO t VALUES (?, 1)")
        try insert.bind(1, "the secret text")
        try insert.run()
        let error = try #require(throws: SQLiteError.self) { try insert.run() }
        #expect(error.kind == .constraint)
        #expect(error.description.contains("t.a"), "\(error)")
        #expect(!error.description.contains("secret"), "\(error)")
    }
}

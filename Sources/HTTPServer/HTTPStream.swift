/// The body of an answer, made piece by piece while it is sent.
package struct HTTPStream: Sendable {
    let isEndless: Bool
    let produce: @Sendable (HTTPBodyWriter) async throws -> Void

    /// - Parameters:
    ///   - isEndless: it has no end of its own. Its producer is cancelled when the server begins to stop; any other has the
    ///     time that requests in progress have.
    ///   - produce: called in a task of its own once the body is due. Returning ends the body; throwing breaks the connection
    ///     off, so that the client knows that something is missing. Cancelled when the client has gone.
    package init(isEndless: Bool = false, _ produce: @escaping @Sendable (HTTPBodyWriter) async throws -> Void) {
        (self.isEndless, self.produce) = (isEndless, produce)
    }
}

/// Takes the pieces of a body.
package struct HTTPBodyWriter: Sendable {
    let body: StreamedBody

    /// Hands over the next piece; waits while ``Limits/HTTP/streamBytes`` wait to be sent.
    ///
    /// A piece larger than that is taken alone. Cancellation does not disturb it: what is cancelled because the server stops
    /// may still say good-bye.
    ///
    /// - Throws: when nobody reads any more.
    package func write(_ piece: [UInt8]) async throws(HTTPStreamClosed) { try await body.write(piece) }

    /// Bytes that wait to be sent.
    package var backlog: Int { body.backlog }
}

/// The client of a stream has gone, was too slow, or the server has stopped.
package struct HTTPStreamClosed: Error, CustomStringConvertible {
    package var description: String { "nobody reads the answer any more" }
}

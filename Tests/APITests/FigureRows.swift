import TestSupport

/// The rows of a figure's answer.
struct FigureRows: CustomStringConvertible {
    let groups: [String?]
    let values: [Double?]
    let total: Double?
    let data: [JSON]

    init(_ answer: JSON) throws {
        guard let data = answer["data"]?.array else { throw TestFailure("no rows: \(answer)") }
        self.data = data
        groups = data.map { $0["group"]?.string }
        values = data.map { Self.number($0["value"]) }
        total = Self.number(answer["total"])
    }

    private static func number(_ value: JSON?) -> Double? {
        if case .number(let number)? = value { number } else { nil }
    }

    var description: String { "\(groups) \(values)" }
}

extension TestService {
    /// - Parameter query: its name, and what is asked.
    func figure(_ query: String) async throws -> FigureRows {
        try FigureRows(await get("/api/v1/analytics/\(query)"))
    }
}

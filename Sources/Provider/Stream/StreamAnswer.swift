import HTTPClient
import JSON

/// The parts of an answer's body that tell how a call went.
struct StreamAnswer: Sendable {
    let status: Int
    /// The body is a JSON object, so it may be the provider's.
    let isJSON: Bool
    let code: Int?
    let isUnrecoverable: Bool
    /// Its message says that the id exists.
    let saysExists: Bool
    /// It says that what is asked for is so: what the provider answers to these is not published, so the words are a guess.
    let saysDone: Bool
    /// Its message says that users do not exist.
    let saysMissing: Bool
    let taskID: String?
    /// The fields that the provider names as wrong.
    private let fields: [String]

    init(_ response: HTTPClientResponse) {
        status = response.status
        let value = try? JSONParser().parse(response.body)
        isJSON = value?.kind == .object
        code = value?["code"]?.int64.map { Int($0) }
        isUnrecoverable = value?["unrecoverable"]?.bool ?? false
        let message = value?["message"]?.string ?? ""
        saysExists = message.contains("already exists")
        saysDone = ["already", "not deactivated", "not deleted"].contains { message.contains($0) }
        saysMissing = message.contains("don't exist")
        taskID = value?["task_id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        fields = value?["exception_fields"]?.object.map(\.key).filter(Self.isFieldName) ?? []
    }

    /// Says nothing of the provider's own message, which may repeat what the call holds.
    func reason(_ status: Int) -> String {
        guard let code else {
            return isJSON && (200..<300).contains(status) ? "accepted" : Self.reasonOfStranger(status)
        }
        let advice = StreamErrorCode.advice(code) ?? "the provider refused or could not do it"
        return fields.isEmpty ? advice : advice + " (\(fields.prefix(8).joined(separator: ", ")))"
    }

    private static func reasonOfStranger(_ status: Int) -> String {
        switch status {
        case 300..<400: "another address is named. Check GETSTREAM_BASE_URL."
        case 407: "a proxy wants credentials"
        case 413, 414: "something before the provider takes nothing that large"
        default: "the answer is not the provider's: a proxy's, or GETSTREAM_BASE_URL names something else"
        }
    }

    /// A name in the provider's own spelling, nothing that a user could have written.
    private static func isFieldName(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "_.".utf8.contains($0)
            }
    }
}

/// How the app's users become the provider's.
package struct UserMapping: Sendable, Equatable {
    /// The app's fields that may hold the name; the first that is not empty counts.
    package var nameFields = ["display_name", "full_name", "name"]
    package var imageFields = ["avatar_url", "image"]
    /// The app's role → the provider's, with `*` for every other; without any, roles go as they are.
    package var roles: [String: String] = [:]
    /// Further fields of the app that everyone in the chat may see, by the provider's name.
    package var customFields = [CustomField("is_verified")]

    package struct CustomField: Sendable, Equatable {
        package let name: String
        package let source: String

        /// `name`, or `name:source` where the app calls it otherwise.
        package init(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            (name, source) = (parts.first ?? text, parts.last ?? text)
        }
    }

    package init() {}

    func role(_ role: String) -> String? { roles.isEmpty ? role : roles[role] ?? roles["*"] ?? "user" }

    /// The app's role that becomes the provider's; `nil` where none does, or one cannot tell which.
    func appRole(_ role: String) -> String? {
        guard !roles.isEmpty else { return role }
        let named = roles.filter { $0.key != "*" && $0.value == role }
        // Every role that is not named may be it.
        guard named.count == 1, roles["*"] ?? "user" != role else { return nil }
        return named.first?.key
    }
}

/// A user as an event carried it.
package struct User: Sendable, Equatable {
    package var id: String
    package var name: String?
    package var image: String?
    package var role: String?
    package var language: String?
    package var teams: [String] = []
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var deletedAt: Timestamp?
    package var deactivatedAt: Timestamp?
    package var banned: Bool?
    /// Fields the provider does not define, as JSON object text; `nil` when there are none.
    package var custom: String?
    /// Only the id was given: says nothing about the profile.
    package var isReference: Bool

    package init(id: String, isReference: Bool = false) {
        self.id = id
        self.isReference = isReference
    }
}

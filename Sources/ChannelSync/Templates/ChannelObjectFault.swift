/// What is wrong with a business object or message that the app sent; holds none of its content but a field's name.
package struct ChannelObjectFault: Error, Equatable {
    /// `nil` where no single field is to blame.
    package let field: String?
    /// Completes "must be …".
    package let allowed: String

    package init(_ field: String?, _ allowed: String) { (self.field, self.allowed) = (field, allowed) }
}

/// References to objects that somebody else keeps for as long as this is used.
///
/// Judging reads a thousand of them for every message: counting each, as reading an array's elements does, takes longer than
/// asking it. `@unchecked Sendable`: what it refers to is.
struct BorrowedObjects<Object: AnyObject & Sendable>: @unchecked Sendable {
    private let references: [Unmanaged<Object>]

    init(_ objects: [Object]) { references = objects.map(Unmanaged.passUnretained) }

    /// - Parameter body: must not keep the object.
    @inline(__always)
    func with<R>(_ place: Int, _ body: (Object) -> R) -> R { references[place]._withUnsafeGuaranteedRef(body) }
}

/// Returns once something is so that tells of itself only when it is asked.
///
/// Between two looks it rests for a moment, so that they do not take the time of what they wait for.
///
/// - Parameter otherwise: what is said if that does not come about in time.
package func eventually(
    within limit: Duration = .seconds(60),
    _ otherwise: @autoclosure () -> String = "it never was so",
    _ isSo: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    while try await !isSo() {
        guard start.duration(to: .now) < limit else { throw TestFailure("after \(limit): \(otherwise())") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

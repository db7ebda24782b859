import Dispatch
import Foundation

/// Calls back at the first SIGINT or SIGTERM; a second one ends the process at once.
///
/// `@unchecked Sendable`: the sources are set up in `init` and afterwards only cancelled, which dispatch allows from any
/// thread.
final class TerminationSignals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(onFirst: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                onFirst()
            }
            source.resume()
            return source
        }
    }

    func stop() { for source in sources { source.cancel() } }
}

import Foundation
import Rules
import TestSupport

/// Labelled texts of the tests' own.
enum SpamFixture {
    static let path = fixturesRoot.appending(path: "spam/labelled.txt").path

    static func texts() throws -> [LabelledText] {
        try LabelledFile(Array(Data(contentsOf: URL(filePath: path)))).texts
    }

    /// The same for the whole run.
    static let model: SpamModel? = try? SpamTraining(seed: 1).outcome(of: texts()).model
}

package import Limits

/// A text of which somebody has said whether it is spam.
package struct LabelledText: Sendable, Equatable {
    package let text: String
    package let isSpam: Bool

    package init(_ text: String, isSpam: Bool) { (self.text, self.isSpam) = (text, isSpam) }

    /// Equal for texts that differ in nothing but case, signs, digits and spaces: such copies must not be on both sides of a
    /// test.
    var key: String {
        String(String.UnicodeScalarView(text.lowercased().unicodeScalars.filter(\.properties.isAlphabetic)))
    }
}

/// Reads labelled text: a line each, `spam` or `ham`, a tab, and the text.
package struct LabelledFile: Sendable {
    package let texts: [LabelledText]

    /// - Parameter bytes: UTF-8; lines end with LF or CR LF, empty ones are passed over.
    /// - Throws: ``LabelledFileError`` with every line that cannot be read.
    package init(_ bytes: [UInt8], limits: Limits.Spam = Limits.Spam()) throws(LabelledFileError) {
        guard bytes.count <= limits.labelledBytes else {
            throw LabelledFileError(problem: "\(bytes.count) bytes; at most \(limits.labelledBytes) are read")
        }
        var (texts, faults, faultCount): ([LabelledText], [LabelledFileError.Fault], Int) = ([], [], 0)
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            do throws(Problem) {
                if let text = try Self.text(line, limits) { texts.append(text) }
            } catch {
                faultCount += 1
                if faults.count < limits.labelledFaults {
                    faults.append(LabelledFileError.Fault(line: number + 1, problem: error.description))
                }
            }
        }
        if texts.count > limits.labelledTexts {
            throw LabelledFileError(problem: "\(texts.count) texts; at most \(limits.labelledTexts) are read")
        }
        guard faults.isEmpty else { throw LabelledFileError(faults: faults, count: faultCount) }
        guard !texts.isEmpty else { throw LabelledFileError(problem: "it holds no text") }
        self.texts = texts
    }

    private struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private static func text(_ line: ArraySlice<UInt8>, _ limits: Limits.Spam) throws(Problem) -> LabelledText? {
        let line = line.last == 0x0D ? line.dropLast() : line
        guard !line.isEmpty else { return nil }
        guard line.count <= limits.labelledLineBytes else {
            throw Problem(description: "\(line.count) bytes; a line may have \(limits.labelledLineBytes)")
        }
        guard let tab = line.firstIndex(of: 0x09) else {
            throw Problem(description: "no tab; a line is 'spam' or 'ham', a tab, and the text")
        }
        guard let text = String(validating: line[(tab + 1)...], as: UTF8.self) else {
            throw Problem(description: "the text is not UTF-8")
        }
        guard text.contains(where: { !$0.isWhitespace }) else { throw Problem(description: "no text behind the tab") }
        switch String(decoding: line[..<tab], as: UTF8.self) {
        case "spam": return LabelledText(text, isSpam: true)
        case "ham": return LabelledText(text, isSpam: false)
        default: throw Problem(description: "the label before the tab is neither 'spam' nor 'ham'")
        }
    }
}

/// Why a file of labelled text was not read; tells every line at once, and no text.
package struct LabelledFileError: Error, Equatable, CustomStringConvertible {
    package struct Fault: Sendable, Equatable {
        /// From 1.
        package let line: Int
        package let problem: String
    }

    /// The first ones; ``Limits/Spam/labelledFaults``.
    package let faults: [Fault]
    /// Of all faults.
    package let count: Int
    private let problem: String?

    init(faults: [Fault], count: Int) { (self.faults, self.count, problem) = (faults, count, nil) }
    init(problem: String) { (faults, count, self.problem) = ([], 1, problem) }

    package var description: String {
        if let problem { return problem }
        let more = count > faults.count ? ["and \(count - faults.count) lines more"] : []
        return (faults.map { "line \($0.line): \($0.problem)" } + more).joined(separator: "\n")
    }
}

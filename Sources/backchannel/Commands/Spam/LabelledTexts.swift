import Files
import Foundation
import Limits
import Rules

/// Files of labelled text that a command is given.
enum LabelledTexts {
    /// Reads all of them, one after the other.
    ///
    /// - Throws: ``CommandFailure`` with every fault of every file.
    static func read(_ paths: [String], _ limits: Limits.Spam) throws(CommandFailure) -> [LabelledText] {
        var (texts, faults): ([LabelledText], [String]) = ([], [])
        for path in paths {
            do throws(CommandFailure) {
                let bytes = try FileBytes.read(path, most: limits.labelledBytes)
                do throws(LabelledFileError) { texts += try LabelledFile(bytes, limits: limits).texts } catch {
                    faults += error.description.split(separator: "\n").map { "\(path): \($0)" }
                }
            } catch {
                faults.append(error.description)
            }
        }
        guard faults.isEmpty else { throw CommandFailure(faults.joined(separator: "\n"), exitCode: .configuration) }
        guard texts.count <= limits.labelledTexts else {
            throw CommandFailure("\(texts.count) texts in all files; at most \(limits.labelledTexts) are learned from")
        }
        return texts
    }
}

/// Small files, whole.
enum FileBytes {
    /// - Throws: ``CommandFailure`` where it cannot be read, or is longer than allowed.
    static func read(_ path: String, most: Int) throws(CommandFailure) -> [UInt8] {
        do throws(FolderReader.Unreadable) { return try FolderReader.bytes(of: path, most: most) } catch {
            throw CommandFailure("\(path): \(error.problem)")
        }
    }

    /// Writes a file whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure(
                "\(path): cannot be written, \(error.localizedDescription); name a file in a folder that can be written to"
            )
        }
    }
}

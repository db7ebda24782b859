import FoundationEssentials
package import Limits

/// Templates on disk, read once at start.
package enum TemplateFolder {
    /// The file that `path` names or, when it is a folder, the files in it, in order of their names; hidden ones are skipped.
    ///
    /// Blocking. - Throws: ``TemplateFaults`` naming every file that cannot be read or is too large.
    package static func files(
        at path: String,
        limits: Limits.Notifications = Limits.Notifications()
    ) throws(TemplateFaults) -> [TemplateFile] {
        let manager = FileManager.default
        guard let names = try? manager.contentsOfDirectory(atPath: path) else { return try read([path], limits) }
        let visible = names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
        guard visible.count <= limits.templateFiles else {
            throw fault(path, "\(visible.count) files; at most \(limits.templateFiles) are allowed")
        }
        return try read(visible.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }, limits)
    }

    private static func read(_ paths: [String], _ limits: Limits.Notifications) throws(TemplateFaults) -> [TemplateFile]
    {
        var faults: [TemplateFault] = []
        var files: [TemplateFile] = []
        let mostBytes = Limits.YAML().bytes
        for path in paths {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let attributes, attributes[.type] as? FileAttributeType != .typeDirectory else {
                faults +=
                    fault(path, attributes == nil ? "there is no such file" : "a folder; only files are read").faults
                continue
            }
            guard let size = attributes[.size] as? any BinaryInteger, Int(clamping: size) <= mostBytes,
                let data = FileManager.default.contents(atPath: path)
            else {
                faults += fault(path, "cannot be read, or has more than \(mostBytes) bytes").faults
                continue
            }
            files.append(TemplateFile(name: path, bytes: [UInt8](data)))
        }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
        return files
    }

    private static func fault(_ path: String, _ problem: String) -> TemplateFaults {
        TemplateFaults(faults: [TemplateFault(file: path, line: 1, column: 1, problem)])
    }
}

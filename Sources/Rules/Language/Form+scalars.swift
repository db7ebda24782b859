import Chat
import Limits
import YAML

extension Form where Value == String {
    /// Any text.
    static func text(_ allowed: String = "text") -> Form {
        Form(allowed: allowed, schema: .text()) { node, reading in
            guard let text = node.written, !text.isEmpty else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            guard text.utf8.count <= reading.limits.writtenBytes else {
                let most = reading.limits.writtenBytes
                reading.refuse(
                    node.position,
                    "\(reading.key): found \(text.utf8.count) bytes; at most \(most) are allowed"
                )
                return nil
            }
            return text
        }
    }

    /// A name made of `letters` besides a–z and 0–9.
    static func name(_ allowed: String, with letters: String = "-") -> Form {
        let pattern = "^[a-z0-9\(letters.replacing("-", with: "\\-"))]+$"
        return Form(allowed: allowed, schema: .text(pattern: pattern)) { node, reading in
            guard let name = node.written, RuleName.isName(name, with: letters),
                name.utf8.count <= reading.limits.nameBytes
            else {
                let most = "at most \(reading.limits.nameBytes) characters"
                let lowered = (node.written ?? "").lowercased().split(separator: " ")
                    .joined(separator: letters.contains("_") ? "_" : "-")
                let isLong = lowered.utf8.count > reading.limits.nameBytes
                let meant =
                    RuleName.isName(lowered, with: letters) && !isLong ? "did you mean \(Wording.quoted(lowered))?" : ""
                reading.refuse(node, allowed: isLong ? "\(allowed), \(most)" : allowed, meant)
                return nil
            }
            return name
        }
    }

    /// An id of the provider's or the app's.
    static func id(_ allowed: String) -> Form {
        Form(allowed: allowed, schema: .text()) { node, reading in
            guard let id = node.written, !id.isEmpty, id.utf8.count <= reading.limits.nameBytes,
                !id.unicodeScalars.contains(where: \.properties.isWhitespace)
            else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            return id
        }
    }

    /// Why something is done; a truth value says nothing of that.
    static var reason: Form {
        text("a reason").checked { reason, node, reading in
            guard let isSo = RuleName.truth[reason.lowercased()] ?? ["true": true, "false": false][reason.lowercased()]
            else { return true }
            let advice =
                isSo ? "for none leave it out, as in \"- hold\"" : "remove what is not to be done"
            reading.refuse(node, allowed: "a reason, in words; \(advice)")
            return false
        }
    }

    /// A word or phrase to look for.
    static var term: Form {
        text("a word or phrase").checked { term, node, reading in
            let control = RuleName.controlFault(term, except: ["\t", "\n", "\r"])
            let fault = control.map { "the term \(Wording.quoted(term)) cannot be looked for: \($0)" }
            guard let fault = fault ?? RuleName.termFault(term, reading) else { return true }
            reading.refuse(node.position, "\(reading.key): \(fault)")
            return false
        }
    }

    /// An expression that RE2 takes.
    static var expression: Form {
        text("an expression as RE2 takes them, best in single quotes").checked { expression, node, reading in
            let most = reading.limits.expressionBytes
            let fault =
                expression.utf8.count > most
                ? "has \(expression.utf8.count) bytes; at most \(most) are allowed"
                : RuleName.controlFault(expression) ?? reading.checks.expressionFault(expression)
            guard let fault else { return true }
            reading.refuse(
                node.position,
                "\(reading.key): the expression \(Wording.quoted(expression)) cannot be used: \(fault)"
            )
            return false
        }
    }

    /// The name of a list, which another file may hold.
    static func listName(domains: Bool = false) -> Form {
        name("the name of a list, of a to z, 0 to 9, - and _", with: "-_").checked { name, node, reading in
            reading.mention(domains ? .domains : .list, name, at: node.position)
            return true
        }
    }

    /// The name of a template for texts in the chat.
    static var templateName: Form {
        name("the name of a template, such as sold for templates/sold.txt").checked { name, node, reading in
            reading.mention(.template, name, at: node.position)
            reading.notes.templates.append(name)
            return true
        }
    }
}

extension Form where Value == Bool {
    static var flag: Form {
        Form(allowed: "true or false", schema: .flag) { node, reading in
            if let flag = node.bool { return flag }
            reading.refuse(node, allowed: "true or false", node.truthAdvice)
            return nil
        }
    }

    /// `true` alone, where the opposite has a key of its own.
    static func onlyTrue(otherwise: String) -> Form {
        Form(allowed: "true; for the opposite: \(otherwise)", schema: .constant(true)) { $0.bool == true ? true : nil }
    }
}

extension Form where Value == Double {
    static func number(_ range: ClosedRange<Double>? = nil, _ allowed: String = "a number, without quotes") -> Form {
        Form(allowed: allowed, schema: .number(range)) { node in
            guard let number = node.plainNumber, range?.contains(number) ?? true else { return nil }
            return number
        }
    }
}

extension Form where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Form {
        Form(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            schema: .integer(range)
        ) { node in node.integer.flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension Form where Value == Duration {
    private static func advice(on text: String) -> String {
        if let number = Int64(text), number > 0 {
            return "the unit is missing: \(number)m for minutes, \(number)h for hours, \(number)d for days;"
        }
        guard let meant = RuleName.meantDuration(text) else { return "" }
        let unit = text.lowercased().drop { ("0"..."9").contains($0) || $0 == " " }
        let isLonger = unit.hasPrefix("y") || unit.hasPrefix("mo")
        return "\(isLonger ? "weeks are the longest unit; " : "")did you mean \(meant)?"
    }

    static var duration: Form { duration("a duration such as 30s, 2m, 1h, 7d or 3w") }

    private static func duration(_ allowed: String) -> Form {
        Form(allowed: allowed, schema: .text(pattern: "^[1-9][0-9]*[smhdw]$")) { node, reading in
            guard let seconds = node.written.flatMap(RuleName.seconds) else {
                reading.refuse(node, allowed: allowed, node.written.map(advice(on:)) ?? "")
                return nil
            }
            guard seconds <= Int64(reading.limits.durationDays) * 86_400 else {
                let most = "at most \(reading.limits.durationDays)d are allowed"
                reading.refuse(node.position, "\(reading.key): found \(node.inWords); \(most)")
                return nil
            }
            return .seconds(seconds)
        }
    }

    /// The provider counts bans and mutes in minutes.
    static var minutes: Form {
        let allowed = "whole minutes, at least 1m, such as 2m, 1h, 7d or 3w"
        return duration(allowed).checked { duration, node, reading in
            let seconds = duration.components.seconds
            guard seconds % 60 != 0 else { return true }
            let minutes = Duration.seconds((seconds + 59) / 60 * 60).written
            reading.refuse(node, allowed: allowed, "did you mean \(minutes)?")
            return false
        }
    }
}

extension Form where Value == Timestamp {
    static var time: Form {
        let allowed = "a time such as 2026-12-01T00:00:00Z (RFC 3339)"
        return Form(allowed: allowed, schema: .text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")) { node, reading in
            if let time = node.written.flatMap({ Timestamp(rfc3339: $0) }) { return time }
            let whole = node.written.map { "\($0)T00:00:00Z" }
            let advice = whole.flatMap { Timestamp(rfc3339: $0) == nil ? nil : "did you mean \"\($0)\"?" }
            reading.refuse(node, allowed: allowed, advice ?? "")
            return nil
        }
    }
}

extension Form where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enumeration.
    static func choice(also: [String: Value] = [:]) -> Form {
        let names = Value.allCases.map(\.rawValue)
        return Form(allowed: Wording.listed(names), schema: .choice(names)) { node, reading in
            if let value = node.written.flatMap(Value.init(rawValue:)) { return value }
            let others = also.mapValues(\.rawValue)
            let allowed = node.written.map { Wording.allowed(names, for: $0, also: others) }
            reading.refuse(
                node.position,
                "\(reading.key): found \(node.inWords)\(allowed ?? "; allowed: \(names.joined(separator: ", "))")"
            )
            return nil
        }
    }
}

extension Form where Value == Zone {
    static var zone: Form {
        let allowed = "UTC or a zone such as Europe/Oslo (IANA database)"
        return Form(allowed: allowed, schema: .text()) { node, reading in
            if let zone = node.written.flatMap({ Zone($0) }) { return zone }
            let meant = node.written.flatMap { RuleName.nearestZone(to: $0) }
            reading.refuse(node, allowed: allowed, meant.map { "did you mean \"\($0)\"?" } ?? "")
            return nil
        }
    }
}

extension YAMLNode {
    /// A number that cannot be anything else: plain, without a plus or zeros in front, and exact.
    var plainNumber: Double? {
        guard let number, let text, RuleName.isPlainNumber(text) else { return nil }
        return number
    }
}

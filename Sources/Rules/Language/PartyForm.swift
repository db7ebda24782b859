import YAML

extension Party {
    static let names = ["sender", "seller", "buyer"]
    static let confused = [
        "author": "sender", "user": "sender", "vendor": "seller", "owner": "seller", "customer": "buyer",
    ]

    init?(written text: String) {
        switch text {
        case "sender": self = .sender
        case "seller": self = .seller
        case "buyer": self = .buyer
        default:
            guard text.hasPrefix("user:"), text.utf8.count > 5 else { return nil }
            self = .user(String(text.dropFirst(5)))
        }
    }
}

extension Form where Value == Party {
    static var party: Form {
        let allowed = "sender, seller, buyer, user:ID"
        return Form(allowed: allowed, schema: .text(pattern: "^(sender|seller|buyer|user:.+)$")) { node, reading in
            if let party = node.written.flatMap(Party.init(written:)) { return party }
            let meant = node.written.map { Wording.allowed(Party.names + ["user:ID"], for: $0, also: Party.confused) }
            reading.refuse(node.position, "\(reading.key): found \(node.inWords)\(meant ?? "; allowed: \(allowed)")")
            return nil
        }
    }
}

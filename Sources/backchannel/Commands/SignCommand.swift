enum SignCommand { static let command = Command(name: "sign", summary: "x") { _, _ in .ok } }

enum ReplayCommand { static let command = Command(name: "replay", summary: "x") { _, _ in .ok } }

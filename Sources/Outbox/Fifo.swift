/// First in, first out, in constant time; what was taken out last can go back to the front.
struct Fifo<Element: Sendable>: Sendable {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count || head > Self.gone && head > elements.count / 2 {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    mutating func pushFirst(_ element: Element) {
        guard head > 0 else { return elements.insert(element, at: 0) }
        head -= 1
        elements[head] = element
    }

    mutating func removeAll(where isVoid: (Element) -> Bool) {
        elements = elements[head...].filter { $0.map { !isVoid($0) } ?? false }
        head = 0
    }

    /// Places that may stay empty before the rest closes up.
    private static var gone: Int { 64 }
}

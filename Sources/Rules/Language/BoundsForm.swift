import YAML

extension Form where Value == Bounds {
    /// A mapping of comparisons, or a number alone.
    static func bounds(_ kind: NumberKind) -> Form {
        let number = Form<Double>.number(kind.range)
        let mapping = BoundsKeys.table.form(from: BoundsDraft()) { draft, node, reading in
            Bounds(draft, of: kind, at: node, &reading)
        }
        let allowed = "a number, or a mapping of \(Wording.listed(BoundsKeys.table.names))"
        return Form(allowed: allowed, schema: .either([number.schema, .reference("bounds")])) { node, reading in
            if node.mapping != nil { return mapping.read(node, &reading) }
            guard let exactly = node.plainNumber else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            let bounds = Bounds.exactly(exactly)
            guard let problem = bounds.fault(for: kind) else { return bounds }
            reading.refuse(node.position, "\(reading.key): \(problem)")
            return nil
        }
    }

    /// How much of a measure: also `true` for at least one and `false` for none, where that has a meaning.
    static func measure(_ measure: Measure) -> Form {
        let kind = measure == .capitals ? NumberKind.share : .count
        let bounds = bounds(kind)
        guard measure.isFinding else { return bounds }
        let allowed = "true (at least one), false (none), \(bounds.allowed)"
        return Form(allowed: allowed, schema: .either([.flag, bounds.schema])) { node, reading in
            if let flag = node.bool { return flag ? Bounds(lowest: 1) : Bounds(highest: 0) }
            guard node.mapping == nil, node.plainNumber == nil else { return bounds.read(node, &reading) }
            reading.refuse(node, allowed: allowed, node.truthAdvice)
            return nil
        }
    }
}

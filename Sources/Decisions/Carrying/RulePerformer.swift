import Blocking
import Chat
import History
import MongoDB
package import Outbox
import Provider

/// Makes up what rules have decided when its turn comes, and hands it on as a call of the provider; what was made up when it
/// was decided goes on if that decision still stands, other effects as they are.
///
/// The text of a reply, or of a masked message, is nowhere kept meanwhile.
package struct RulePerformer: EffectPerformer {
    private let performer: any EffectPerformer
    private let desk: RuleDesk
    private let user: OwnUser?

    /// - Parameters:
    ///   - performer: makes calls of the provider.
    ///   - user: under whose name rules act, if it is to be waited for that the provider has the user.
    package init(_ performer: any EffectPerformer, desk: RuleDesk, user: OwnUser? = nil) {
        (self.performer, self.desk, self.user) = (performer, desk, user)
    }

    package func batchSize(for action: String) -> Int {
        Self.likeness(of: action) == nil ? performer.batchSize(for: action) : 1
    }

    package func delay(before effects: [PendingEffect]) -> Duration? {
        // Not even begun: with many of them that would keep MongoDB busy.
        if effects.contains(where: \.isOfRule), !(user?.isThere ?? true) { return Self.wait }
        return performer.delay(before: effects.map(Self.called))
    }

    package func withdraw(_ effects: [PendingEffect]) { performer.withdraw(effects.map(Self.called)) }

    package func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] {
        guard effects.count == 1, effects[0].isOfRule else { return await performer.perform(effects) }
        let effect = effects[0]
        guard user?.isThere ?? true else {
            withdraw(effects)
            return [.unsent(.postponed(reason: "the provider does not have our user yet", after: Self.wait))]
        }
        guard Self.likeness(of: effect.action) != nil else {
            guard let outcome = await desk.objection(to: effect) else { return await performer.perform(effects) }
            withdraw(effects)
            return [outcome]
        }
        switch await desk.compose(effect) {
        case .call(let call): return await performer.perform([effect.carrying(call)])
        case .over(let outcome):
            withdraw(effects)
            return [outcome]
        }
    }

    private static let wait = Duration.seconds(1)

    /// As which call the provider will count it.
    private static func called(_ effect: PendingEffect) -> PendingEffect {
        likeness(of: effect.action).map(effect.carrying) ?? effect
    }

    private static func likeness(of action: String) -> ProviderCall? {
        switch action {
        case "rule.reply": .sendMessage(NewMessage(cid: "", id: "", sender: "", text: ""))
        case "rule.text": .updateMessagePartially(MessageChange(cid: "", id: "", by: ""))
        default: nil
        }
    }
}

extension PendingEffect {
    /// A rule is its cause: see ``Effect/EffectKey``.
    fileprivate var isOfRule: Bool {
        let parts = key.description.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[2].hasPrefix("rule:")
    }

    fileprivate func carrying(_ call: ProviderCall) -> PendingEffect {
        PendingEffect(
            key: key,
            destination: destination,
            lane: lane,
            action: call.name,
            payload: call.json,
            eventTime: eventTime,
            attempts: attempts
        )
    }
}

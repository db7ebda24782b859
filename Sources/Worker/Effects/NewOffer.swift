import Chat
import History

extension EventEffectSettings.NewOffer {
    /// The seller is told when an offer appears, unless the offer is the seller's own.
    func notice(_ before: MessageState?, _ after: MessageState) -> Notice? {
        guard isOffer(after), !(before.map(isOffer) ?? false), let created = after.record.created?.time else {
            return nil
        }
        let seller = after.context[.seller]
        guard seller != nil || after.context[.listing] != nil, seller.map(Pseudonym.isPseudonym) != true,
            let sender = after.record.sender, sender != seller
        else { return nil }
        let recipient = seller.map(NotificationOrder.Recipient.user) ?? .seller
        return Notice(
            kind: .newOffer,
            recipients: destinations.map { ($0, recipient) },
            messageID: after.record.id,
            cid: after.record.cid,
            version: TextVersion.of(after),
            eventTime: created
        )
    }

    private func isOffer(_ message: MessageState) -> Bool {
        guard let type = message.record.facts?.value.businessType, types.contains(type) else { return false }
        return message.isVisible
    }
}

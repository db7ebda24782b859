package import Chat

extension Effect {
    /// A call of the chat provider, to be made once.
    ///
    /// - Parameters:
    ///   - version: of what is called for; the same version of the same cause acts once.
    package init(
        _ call: ProviderCall,
        version: String,
        cause: Cause,
        eventTime: Timestamp,
        maximumAge: Duration? = nil,
        notBefore: Timestamp? = nil
    ) {
        self.init(
            key: EffectKey(entity: call.lane, version: version, cause: cause.id, action: call.name),
            destination: .provider,
            lane: call.lane,
            action: call.name,
            payload: call.json,
            cause: cause,
            eventTime: eventTime,
            maximumAge: maximumAge,
            notBefore: notBefore
        )
    }
}

import Limits
import Templates

extension NotificationTemplates {
    /// Those that come with the program; `docs/notifications.md` lists the values that each is given.
    package static let ready: NotificationTemplates = {
        let file = TemplateFile(name: "ready.yaml", bytes: Array(source.utf8))
        do throws(TemplateFaults) {
            return try NotificationTemplates(files: [file], base: nil)
        } catch {
            preconditionFailure(error.description)  // a test reads them too
        }
    }()

    private static let source = #"""
        new-offer:
          subject: 'New offer{{# if offer.amount }} of {{ offer.amount }}{{/ if }} for {{ listing.title | default: "your listing" }}'
          text: |
            Hello {{ recipient.name | default: "there" }},

            {{ sender.name | default: "Somebody" }} has made an offer for {{ listing.title | default: "your listing" }}.
            {{# if offer.amount }}
            Amount: {{ offer.amount }}{{# if offer.currency }} {{ offer.currency }}{{/ if }}
            {{/ if }}
            {{# if message.text }}

            "{{ message.text }}"
            {{/ if }}
            {{# if link }}

            See it and answer: {{ link }}
            {{/ if }}
          html: |
            <p>Hello {{ recipient.name | default: "there" }},</p>
            <p><strong>{{ sender.name | default: "Somebody" }}</strong> has made an offer for
            <strong>{{ listing.title | default: "your listing" }}</strong>.</p>
            {{# if offer.amount }}
            <p>Amount: <strong>{{ offer.amount }}{{# if offer.currency }} {{ offer.currency }}{{/ if }}</strong></p>
            {{/ if }}
            {{# if message.text }}
            <blockquote>{{ message.text }}</blockquote>
            {{/ if }}
            {{# if link }}
            <p><a href="{{ link }}">See it and answer</a></p>
            {{/ if }}
          slack: |
            *{{ sender.name | default: "Somebody" }}* has made an offer{{# if offer.amount }} of {{ offer.amount }}{{# if offer.currency }} {{ offer.currency }}{{/ if }}{{/ if }} for *{{ listing.title | default: "a listing" }}*
            {{# if link }}
            {{ link }}
            {{/ if }}

        moderator-alert:
          subject: 'To be looked at: {{ reason | default: "a message" }}'
          text: |
            A message needs a moderator.

            Reason: {{ reason | default: "not given" }}
            Sender: {{ sender.name | default: "unknown" }} ({{ sender.id | default: "unknown" }})
            Channel: {{ channel.cid | default: "unknown" }}
            Message: {{ message.id | default: "unknown" }}
            {{# if message.text }}

            "{{ message.text }}"
            {{/ if }}
            {{# if link }}

            Decide: {{ link }}
            {{/ if }}
          html: |
            <p>A message needs a moderator.</p>
            <table>
            <tr><td>Reason</td><td>{{ reason | default: "not given" }}</td></tr>
            <tr><td>Sender</td><td>{{ sender.name | default: "unknown" }} ({{ sender.id | default: "unknown" }})</td></tr>
            <tr><td>Channel</td><td>{{ channel.cid | default: "unknown" }}</td></tr>
            <tr><td>Message</td><td>{{ message.id | default: "unknown" }}</td></tr>
            </table>
            {{# if message.text }}
            <blockquote>{{ message.text }}</blockquote>
            {{/ if }}
            {{# if link }}
            <p><a href="{{ link }}">Decide</a></p>
            {{/ if }}
          slack: |
            :warning: *{{ reason | default: "A message needs a moderator" }}*
            Message {{ message.id | default: "unknown" }} by {{ sender.name | default: "unknown" }} in {{ channel.cid | default: "an unknown channel" }}
            {{# if message.text }}
            > {{ message.text }}
            {{/ if }}
            {{# if link }}
            {{ link }}
            {{/ if }}

        unread-reminder:
          subject: '{{# if sender.name }}{{ sender.name }} has written to you{{ else }}You have unread messages{{/ if }}'
          text: |
            Hello {{ recipient.name | default: "there" }},

            {{# if sender.name }}
            {{ sender.name }} has written to you{{# if listing.title }} about {{ listing.title }}{{/ if }}, and you have not read it yet.
            {{ else }}
            you have messages that you have not read yet{{# if listing.title }} about {{ listing.title }}{{/ if }}.
            {{/ if }}
            {{# if unread.count }}
            Unread messages: {{ unread.count }}
            {{/ if }}
            {{# if link }}

            Read and answer: {{ link }}
            {{/ if }}
          html: |
            <p>Hello {{ recipient.name | default: "there" }},</p>
            {{# if sender.name }}
            <p><strong>{{ sender.name }}</strong> has written to you{{# if listing.title }} about <strong>{{ listing.title }}</strong>{{/ if }}, and you have not read it yet.</p>
            {{ else }}
            <p>you have messages that you have not read yet{{# if listing.title }} about <strong>{{ listing.title }}</strong>{{/ if }}.</p>
            {{/ if }}
            {{# if unread.count }}
            <p>Unread messages: {{ unread.count }}</p>
            {{/ if }}
            {{# if link }}
            <p><a href="{{ link }}">Read and answer</a></p>
            {{/ if }}

        rule-fired:
          subject: 'Rule {{ rule.id | default: "unknown" }}{{# if channel.cid }} in {{ channel.cid }}{{/ if }}'
          text: |
            The rule {{ rule.id | default: "unknown" }} has fired.

            Sender: {{ sender.name | default: "unknown" }} ({{ sender.id | default: "unknown" }})
            Channel: {{ channel.cid | default: "unknown" }}
            Message: {{ message.id | default: "unknown" }}
            {{# if message.text }}

            "{{ message.text }}"
            {{/ if }}
            {{# if link }}

            Look: {{ link }}
            {{/ if }}
          html: |
            <p>The rule <strong>{{ rule.id | default: "unknown" }}</strong> has fired.</p>
            <table>
            <tr><td>Sender</td><td>{{ sender.name | default: "unknown" }} ({{ sender.id | default: "unknown" }})</td></tr>
            <tr><td>Channel</td><td>{{ channel.cid | default: "unknown" }}</td></tr>
            <tr><td>Message</td><td>{{ message.id | default: "unknown" }}</td></tr>
            </table>
            {{# if message.text }}
            <blockquote>{{ message.text }}</blockquote>
            {{/ if }}
            {{# if link }}
            <p><a href="{{ link }}">Look</a></p>
            {{/ if }}
          slack: |
            :scroll: *{{ rule.id | default: "A rule has fired" }}*
            Message {{ message.id | default: "unknown" }} by {{ sender.name | default: "unknown" }} in {{ channel.cid | default: "an unknown channel" }}
            {{# if message.text }}
            > {{ message.text }}
            {{/ if }}
            {{# if link }}
            {{ link }}
            {{/ if }}
        """#
}

/// Every bound of the service: its name, unit and default, in one place.
///
/// Nothing grows beyond one of these.
///
/// `docs/configuration.md` lists those an operator may change, under the environment name given here.
package struct Limits: Sendable, Equatable {
    package var http = HTTP()
    package var ingest = Ingest()
    package var queue = Queue()
    package var worker = Worker()
    package var outbox = Outbox()
    package var mongo = Mongo()
    package var query = Query()
    package var api = API()
    package var alert = Alert()
    package var yaml = YAML()
    package var client = Client()
    package var smtp = SMTP()
    package var notifications = Notifications()
    package var provider = Provider()
    package var backfill = Backfill()
    package var replay = Replay()
    package var token = Token()
    package var facts = Facts()
    package var channels = Channels()
    package var users = UserSync()
    package var rules = Rules()
    package var hooks = Hooks()
    package var spam = Spam()
    package var audit = Audit()
    package var dashboard = Dashboard()
    package var standing = Standing()
    package var review = Review()
    package var live = Live()

    package init() {}
}

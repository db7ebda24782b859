"""What scripts/bench measures. Standard library only; the service is driven by its own `replay`."""
import datetime, http.client, importlib.machinery, importlib.util, json, os, re, selectors, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.parse, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BACKCHANNEL = os.path.join(ROOT, ".build/release/backchannel")
LOCAL_PROVIDER = os.path.join(ROOT, ".build/release/local-provider")
ADMIN_KEY = "bench-admin-key-bench"

_loader = importlib.machinery.SourceFileLoader("mongo_command", os.path.join(ROOT, "scripts/mongo-command"))
mongo_command = importlib.util.module_from_spec(importlib.util.spec_from_loader("mongo_command", _loader))
sys.dont_write_bytecode = True
_loader.exec_module(mongo_command)
STAGES = ["decode", "read", "fold", "encode", "write", "commit", "acknowledge"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """One running service with a data folder and a database of its own."""

    def __init__(self, name, **settings):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="backchannel-bench-")
        known = {k: v for k, v in os.environ.items() if not k.startswith(("BACKCHANNEL_", "GETSTREAM_"))}
        self.environment = {
            **known, "PORT": str(self.port), "DATA_DIR": self.folder, "MONGODB_DATABASE": f"bench_{name}",
            "GETSTREAM_API_KEY": "bench-key", "GETSTREAM_API_SECRET": "bench-secret",
            "ADMIN_API_KEY": ADMIN_KEY, **settings,
        }

    def start(self):
        """Returns the seconds until it accepts."""
        began = time.monotonic()
        self.process = subprocess.Popen([BACKCHANNEL, "serve"], env=self.environment, stdout=subprocess.PIPE,
                                        stderr=open(os.path.join(self.folder, "log"), "a"), text=True)
        for line in self.process.stdout:
            if "accepts events" in line:
                return time.monotonic() - began
        sys.exit("bench: the service did not start; see " + os.path.join(self.folder, "log"))

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()

    def remove(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def replay(self, *arguments):
        url = f"http://127.0.0.1:{self.port}/api/v1/webhooks/getstream"
        done = subprocess.run([BACKCHANNEL, "replay", *arguments, "--url", url, "--json"], env=self.environment,
                              capture_output=True, text=True)
        if not done.stdout.strip():
            sys.exit("bench: replay failed: " + done.stderr)
        return json.loads(done.stdout)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return {m[0]: float(m[1]) for m in re.findall(r"^(\w+(?:\{[^}]*\})?) ([-0-9.e+]+)$", text, re.M)}

    def wait(self, metric, reached):
        while not reached(self.metrics().get(metric, 0)):
            time.sleep(0.02)

    def drain(self):
        self.wait("backchannel_queue_events", lambda waiting: waiting == 0)

    def resident_megabytes(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(what + r":\s+(\d+)", status.read())[1]) / 1024


def row(name, value, goal=""):
    print(f"  {name:<58} {value:>22}   {goal}", flush=True)


def latencies(report):
    return " / ".join(f"{report[name]:.1f}" for name in ("p50_ms", "p99_ms", "p999_ms")) + " ms"


def speed(count):
    print("\nAccepted and stored at once")
    service = Service("speed")
    service.start()
    began = time.monotonic()
    report = service.replay("--generate", str(count), "--connections", "64")
    row("accepted, 64 connections", f"{report['per_second']:,.0f}/s", "40,000/s")
    row("  p50 / p99 / p99.9", latencies(report), "p99 10 ms, p99.9 50 ms")
    service.drain()
    row("stored, from the first event sent to the last in MongoDB", f"{count / (time.monotonic() - began):,.0f}/s", "10,000/s")
    metrics = service.metrics()
    for stage in STAGES:
        spent = metrics.get(f'backchannel_stage_microseconds_total{{stage="{stage}"}}', 0)
        row(f"  {stage}", f"{spent / count:.1f} µs an event")
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    for connections in (256, 1000):
        report = service.replay("--generate", str(count // 4), "--connections", str(connections), "--seed", str(connections),
                                "--prefix", f"c{connections}")
        row(f"accepted, {connections} connections", f"{report['per_second']:,.0f}/s", "no stall")
        row("  p50 / p99 / p99.9", latencies(report))
        service.drain()
    # As long as one of MongoDB's checkpoints takes to come round, whose writes share the disk.
    report = service.replay("--generate", str(count * 3 // 2), "--connections", "64", "--rate", "5000", "--prefix", "r")
    row("at a steady 5,000/s: p50 / p99 / p99.9", latencies(report), "p99 5 ms")
    service.drain()
    service.remove()


def restarts(count):
    print("\nStarting")
    service = Service("restart")
    row("ready, with an empty queue", f"{service.start():.2f} s", "1 s")
    load = subprocess.Popen(
        [BACKCHANNEL, "replay", "--generate", str(count), "--connections", "32", "--retries", "1000", "--url",
         f"http://127.0.0.1:{service.port}/api/v1/webhooks/getstream"],
        env=service.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    service.wait("backchannel_events_stored_total", lambda stored: stored > 1_000)
    service.end(signal.SIGKILL)
    began = time.monotonic()
    service.start()
    row("after kill -9 under load: accepting", f"{time.monotonic() - began:.2f} s", "2 s")
    service.wait("backchannel_events_stored_total", lambda stored: stored > 0)
    row("after kill -9 under load: storing", f"{time.monotonic() - began:.2f} s", "3 s")
    load.wait()
    service.drain()
    service.remove()


def backlog(count):
    print(f"\nMongoDB gone, {count:,} events waiting")
    service = Service("backlog", MONGODB_URI="mongodb://127.0.0.1:1/?replicaSet=none")
    service.start()
    report = service.replay("--generate", str(count), "--connections", "64")
    row("accepted", f"{report['per_second']:,.0f}/s")
    row("  p50 / p99 / p99.9", latencies(report))
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.end()
    service.environment["MONGODB_URI"] = os.environ["MONGODB_URI"]
    row("started again with them waiting", f"{service.start():.2f} s", "1 s")
    began = time.monotonic()
    service.drain()
    row("drained", f"{count / (time.monotonic() - began):,.0f}/s", "the stored rate")
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.remove()


def rules(count):
    print("\nRules")
    for title, size, goals in (("200 rules, 1,000 terms, 50 expressions", (200, 1_000, 50), ("10 µs / 50 µs", "50 ms", "100 MB")),
                               ("1,000 rules, 100,000 terms", (1_000, 100_000, 50), ("30 µs", "", ""))):
        with tempfile.TemporaryDirectory(prefix="backchannel-bench-") as folder:
            subprocess.run([os.path.join(ROOT, "scripts/rule-bench-sets"), folder, *map(str, size)], check=True)
            own = {name: value for name, value in os.environ.items() if name != "BACKCHANNEL_MONGOD"}
            done = subprocess.run([BACKCHANNEL, "rules", "bench", folder, "--json"], capture_output=True, text=True, env=own)
            if done.returncode != 0:
                sys.exit("bench: rules bench failed: " + done.stderr)
            figures = json.loads(done.stdout)
        row(f"{title}: mean / p99", f"{figures['mean_us']:.1f} / {figures['p99_us']:.1f} µs", goals[0])
        row("  read and made ready", f"{figures['load_ms']:.0f} ms", goals[1])
        row("  resident memory, with the messages judged", f"{figures['memory_mb']:.0f} MB", goals[2])
    rates = []
    for title, settings in (("stored without rules", {}), ("stored with the shipped rules", {"RULES_DIR": os.path.join(ROOT, "rules")})):
        service = Service(f"rules{len(rates)}", EFFECTS="record", **settings)
        service.start()
        began = time.monotonic()
        service.replay("--generate", str(count), "--connections", "64")
        service.drain()
        rates.append(count / (time.monotonic() - began))
        row(title, f"{rates[-1]:,.0f}/s", "" if len(rates) == 1 else f"{rates[0] * 0.75:,.0f}/s")
        if settings: backtest(service, count)
        service.remove()


def hooks(count):
    print("\nHooks before sending, beside 3,000 events/s")
    with tempfile.TemporaryDirectory(prefix="backchannel-bench-") as folder:
        shutil.copytree(os.path.join(ROOT, "rules"), folder, dirs_exist_ok=True)
        service = Service("hooks", EFFECTS="record", RULES_DIR=folder)
        service.start()
        url = f"http://127.0.0.1:{service.port}/api/v1/webhooks/getstream"
        events = subprocess.Popen(
            [BACKCHANNEL, "replay", "--generate", str(count * 3 // 2), "--rate", "3000", "--connections", "16", "--url", url],
            env=service.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run(
            [BACKCHANNEL, "replay", "--generate", str(count), "--rate", "2000", "--connections", "64", "--prefix", "hook", "--json",
             "--url", url + "/before-message-send"], env=service.environment, capture_output=True, text=True)
        if not done.stdout.strip():
            sys.exit("bench: hooks failed: " + done.stderr)
        row("at 2,000/s: p50 / p99 / p99.9", latencies(json.loads(done.stdout)), "p99 10 ms")
        row("  not decided in time", f"{service.metrics()['backchannel_hook_overruns_total']:,.0f}", "0")
        events.wait()
        service.drain()
        service.remove()


def backtest(service, count):
    service.end()
    began = time.monotonic()
    done = subprocess.run([BACKCHANNEL, "rules", "backtest", "--from", "2000-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z", "--json"],
                          env=service.environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("bench: rules backtest failed: " + done.stderr)
    judged = json.loads(done.stdout)["messages"]
    row("backtest of these messages with the shipped rules", f"{judged / (time.monotonic() - began):,.0f}/s", "20,000/s")


class Effects:
    """A service whose chat provider is the local one, told what to have done over REST."""
    CHANNELS, WRITERS = 400, 8

    def __init__(self, name, *options):
        self.provider_port = free_port()
        self.provider = subprocess.Popen(
            [LOCAL_PROVIDER, "--port", str(self.provider_port), "--api-key", "bench-key", "--api-secret", "bench-secret",
             "--latency", "5", *options], stdout=subprocess.PIPE, text=True)
        self.provider.stdout.readline()
        self.service = Service(name, GETSTREAM_BASE_URL=f"http://127.0.0.1:{self.provider_port}", EFFECTS="on")
        self.service.start()
        self.written = 0
        self.have([{"call": "upsertUsers", "users": [{"id": "bot"}]}])
        self.finish()
        self.have([{"call": "createChannel", "cid": f"messaging:c{i}", "createdBy": "bot"} for i in range(self.CHANNELS)])
        self.finish()

    def request(self, connection, method, path, body=None):
        connection.request(method, path, body and json.dumps(body), {"Authorization": f"Bearer {ADMIN_KEY}"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 202):
            sys.exit(f"bench: {method} {path}: {answer.status} {text}")

    def have(self, calls, rate=None):
        began = time.monotonic()

        def write(part):
            connection = http.client.HTTPConnection("127.0.0.1", self.service.port)
            for index in range(part, len(calls), self.WRITERS):
                if rate:
                    time.sleep(max(0, began + index / rate - time.monotonic()))
                self.request(connection, "POST", "/api/v1/effects", calls[index])

        writers = [threading.Thread(target=write, args=(part,)) for part in range(self.WRITERS)]
        for writer in writers: writer.start()
        for writer in writers: writer.join()
        self.written += len(calls)

    def messages(self, count, prefix):
        return [{"call": "sendMessage", "cid": f"messaging:c{i % self.CHANNELS}", "id": f"{prefix}{i}", "sender": "bot", "text": "hi"}
                for i in range(count)]

    def attempts(self, outcome):
        return self.service.metrics().get(f'backchannel_effect_attempts_total{{outcome="{outcome}"}}', 0)

    def finish(self):
        while self.attempts("done") + self.attempts("already_done") + self.attempts("refused") < self.written:
            time.sleep(0.02)

    def pause(self, isPaused):
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port)
        self.request(connection, "POST", f"/api/v1/destinations/provider/{'pause' if isPaused else 'resume'}")

    def latencies(self, calls, rate):
        """Milliseconds below which half and 99 of 100 were performed, from their writing."""
        before = self.buckets()
        self.have(calls, rate)
        self.finish()
        counts = [(limit, count - before.get(limit, 0)) for limit, count in sorted(self.buckets().items())]
        return [next(limit for limit, count in counts if count >= share * len(calls)) * 1_000 for share in (0.5, 0.99)]

    def buckets(self):
        found = (re.fullmatch(r'backchannel_effect_seconds_bucket\{le="([0-9.]+)"\}', name) for name in self.service.metrics())
        metrics = self.service.metrics()
        return {float(m[1]): metrics[m[0]] for m in found if m}

    def fill(self, count):
        """Writes effects of another action, which wait for their limit."""
        port = urllib.parse.urlsplit(os.environ["MONGODB_URI"]).port
        now, order = datetime.datetime.now(), time.time_ns()
        for first in range(0, count, 2_000):
            rows = [{"_id": f"w{i}", "destination": "provider", "lane": f"w{i}", "shard": i % 16, "order": order + i, "attempts": 0,
                     "action": "deleteMessage", "payload": '{"call":"deleteMessage","cid":"messaging:c0","id":"none"}',
                     "state": "waiting", "open": True, "cause": "call", "cause_id": "bench", "created": now, "event_at": now}
                    for i in range(first, first + 2_000)]
            answer = mongo_command.run(port, self.service.environment["MONGODB_DATABASE"], {"insert": "outbox", "documents": rows})
            if answer["ok"] != 1 or "writeErrors" in answer:
                sys.exit(f"bench: writing effects that wait: {answer}")

    def remove(self):
        self.service.remove()
        self.provider.terminate()
        self.provider.wait()


def effects(count, isLong):
    print("\nEffects, at a local provider that takes 5 ms")
    effects = Effects("effects", "--no-limits")
    p50, p99 = effects.latencies(effects.messages(min(count, 2_000), "a"), 200)
    row("written to performed at 200/s: p50 / p99", f"< {p50:.0f} / < {p99:.0f} ms", "20 / 100 ms")
    effects.pause(True)
    effects.have(effects.messages(count, "b"))
    began = time.monotonic()
    effects.pause(False)
    effects.finish()
    row("performed, as fast as it can", f"{count / (time.monotonic() - began):,.0f}/s", "2,000/s")
    effects.remove()
    effects = Effects("behind", "--limit", "SendMessage=1000000", "--limit", "DeleteMessage=1")
    effects.fill(100_000)
    effects.latencies(effects.messages(400, "w"), 200)  # until it has met them all
    p50, p99 = effects.latencies(effects.messages(min(count, 2_000), "c"), 200)
    row("the same at 200/s with 100,000 that wait for a limit", f"< {p50:.0f} / < {p99:.0f} ms", "no difference")
    row("  resident memory, most", f"{effects.service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    effects.remove()
    if not isLong: return
    effects = Effects("limited", "--limit", "SendMessage=1000")
    began = time.monotonic()
    effects.have(effects.messages(3_000, "d"))
    effects.finish()
    refused = effects.attempts("limited")
    row("with a limit of 1,000/min: performed", f"{3_000 / (time.monotonic() - began) * 60:,.0f}/min", "1,000/min")
    row("  answered 429", f"{refused / (3_000 + refused):.1%}", "1 %")
    effects.remove()


class ReviewQueue:
    """A service whose review queue holds so many items, a fifth of them decided, of four severities in three kinds of channel."""
    CHUNK = 5_000
    FILTERS = ["", "status=open", "status=decided", "severity=critical", "severity=low", "source=report", "source=provider", "label=scam",
               "label=rare", "place=livestream", "place=rare", "channel=messaging:c17", "user=u23", "assignee=mia",
               "status=any&user=u23"]

    def __init__(self, count):
        self.service = Service("reviews")
        self.service.start()
        self.port = urllib.parse.urlsplit(os.environ["MONGODB_URI"]).port
        while b'"state":"up"' not in urllib.request.urlopen(f"http://127.0.0.1:{self.service.port}/readyz", timeout=30).read():
            time.sleep(0.02)
        # Built over all at once, indexes take a fraction of the time.
        self.command({"dropIndexes": "review_queue", "index": "*"})
        for first in range(0, count, self.CHUNK): self.fill(first, min(first + self.CHUNK, count))
        while subprocess.run([BACKCHANNEL, "indexes", "--create"], env=self.service.environment, capture_output=True).returncode != 0:
            time.sleep(1)
        while not self.isIndexed(): time.sleep(1)

    def isIndexed(self):
        """Indexes are named while they are still being built."""
        answer = mongo_command.run(self.port, self.service.environment["MONGODB_DATABASE"],
                                   {"listIndexes": "review_queue", "includeBuildUUIDs": True})
        return not any("buildUUID" in index for index in answer["cursor"]["firstBatch"])

    def command(self, command):
        answer = mongo_command.run(self.port, self.service.environment["MONGODB_DATABASE"], command)
        if answer["ok"] != 1: sys.exit(f"bench: filling the review queue: {answer}")

    def fill(self, first, end):
        def among(*values):
            return {"$arrayElemAt": [list(values), {"$mod": ["$n", len(values)]}]}
        # A prime apart, so that neighbours in one order are none in another.
        at = {"$add": [1_770_000_000_000, {"$multiply": [{"$mod": [{"$multiply": ["$n", 7_919]}, 1_000_003]}, 1_000]}]}
        own = {"$toString": "$n"}
        source = {"kind": "$kind", "by": {"$concat": ["by", own]}, "at": {"$multiply": ["$ms", 1_000_000]},
                  "v": [{"$multiply": ["$ms", 1_000_000]}, 1], "labels": "$labels"}
        document = {
            "_id": {"$concat": ["message:b", own]}, "message_id": {"$concat": ["b", own]},
            "user_id": {"$concat": ["u", {"$toString": {"$mod": ["$n", 20_000]}}]},
            "cid": {"$concat": ["messaging:c", {"$toString": {"$mod": ["$n", 5_000]}}]},
            "place": {"$cond": [{"$eq": [{"$mod": ["$n", 9_973]}, 0]}, "rare", among("messaging", "messaging", "livestream", "support")]},
            "open": {"$ne": [{"$mod": ["$n", 5]}, 0]}, "rank": among(0, 0, 0, 1, 1, 2, 3), "at": {"$toDate": "$ms"}, "complaints": 1,
            "labels": "$labels", "kinds": ["$kind"], "sources": [source],
            "first": {"$multiply": ["$ms", 1_000_000]}, "last": {"$multiply": ["$ms", 1_000_000]},
            "resolved": {"$cond": [{"$eq": [{"$mod": ["$n", 5]}, 0]}, {"$multiply": ["$ms", 1_000_000]}, "$$REMOVE"]},
            "assignee": {"$cond": [{"$eq": [{"$mod": ["$n", 997]}, 0]}, "mia", "$$REMOVE"]},
        }
        labels = {"$cond": [{"$eq": [{"$mod": ["$n", 9_941]}, 0]}, ["rare"], [among("spam", "scam", "insult")]]}
        pipeline = [{"$documents": [{"n": {"$range": [first, end]}}]}, {"$unwind": "$n"},
                    {"$set": {"ms": at, "kind": among("report", "flag", "rule", "provider"), "labels": labels}},
                    {"$replaceWith": document}, {"$merge": "review_queue"}]
        self.command({"aggregate": 1, "pipeline": pipeline, "cursor": {}})

    def page(self, connection, query):
        """Milliseconds, and the cursor of the next page."""
        began = time.monotonic()
        connection.request("GET", "/api/v1/review-queue?" + query, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200: sys.exit(f"bench: {query}: {answer.status} {body}")
        return (time.monotonic() - began) * 1_000, json.loads(body)["next"]

    def times(self, pages):
        """By order and filter, of so many pages each, one after the other."""
        connection, times = http.client.HTTPConnection("127.0.0.1", self.service.port), {}
        for order in ("severity", "oldest", "newest"):
            for filter in self.FILTERS:
                query = f"order={order}&{filter}" if filter else f"order={order}"
                next = self.page(connection, query)[1]  # the first alone opens what MongoDB has not read yet
                spent = times.setdefault(query, [])
                for _ in range(pages):
                    took, next = self.page(connection, query + (f"&cursor={next}" if next else ""))
                    spent.append(took)
        return times


def reviews(count):
    print(f"\nReview queue of {count:,} items, pages of 50")
    queue = ReviewQueue(count)
    times = queue.times(20)
    every = sorted(took for spent in times.values() for took in spent)
    share = lambda values, part: sorted(values)[min(int(len(values) * part), len(values) - 1)]
    row(f"{len(times)} filters and orders, 20 pages each: p50 / p95", f"{share(every, 0.5):.1f} / {share(every, 0.95):.1f} ms", "p95 50 ms")
    slowest = max(times, key=lambda query: share(times[query], 0.95))
    row(f"  slowest: {slowest}: p95", f"{share(times[slowest], 0.95):.1f} ms", "50 ms")
    queue.service.remove()


# Figures of the year that is generated: what is asked, and the goal.
FIGURES = [
    ("a year by day, UTC", "messages?from=2026-01-01&to=2026-12-31&interval=day", "50 ms"),
    ("a year by day, Europe/Oslo", "messages?from=2026-01-01&to=2026-12-31&interval=day&timeZone=Europe/Oslo", "50 ms"),
    ("a year by type and month", "messages?from=2026-01-01&to=2026-12-31&interval=month&groupBy=type", "100 ms"),
    ("hours of the week, a year", "messages?from=2026-01-01&to=2026-12-31&groupBy=weekdayHour", "100 ms"),
    ("one listing, a year by day", "messages?from=2026-01-01&to=2026-12-31&interval=day&listing=7", "100 ms"),
    ("most active channels, 30 days", "messages?from=2026-06-01&to=2026-06-30&groupBy=channel&limit=20", "100 ms"),
    ("most active channels, a year", "messages?from=2026-01-01&to=2026-12-31&groupBy=channel&limit=20", "100 ms"),
    ("most active users, 30 days", "messages?from=2026-06-01&to=2026-06-30&groupBy=user&limit=20", "100 ms"),
    ("active users by day, a year", "active-users?from=2026-01-01&to=2026-12-31&interval=day", "100 ms"),
    ("new users by week, 51 weeks", "new-users?from=2026-01-05&to=2026-12-27&interval=week", "100 ms"),
    ("active users of 30 days together", "active-users?from=2026-06-01&to=2026-06-30", "2 s"),
    ("active users by day, a year, another zone", "active-users?from=2026-01-01&to=2026-12-31&interval=day&timeZone=Asia/Tokyo", "2 s"),
    ("cohorts by month, a year", "cohorts?from=2026-01-01&to=2026-12-31&interval=month", "300 ms"),
    ("cohorts by month, a year, another zone", "cohorts?from=2026-01-01&to=2026-12-31&interval=month&timeZone=Asia/Tokyo", "2 s"),
    ("conversations started, a year by week", "conversations-started?from=2026-01-01&to=2026-12-31&interval=week", "100 ms"),
    ("first responses by day, 30 days", "first-response?from=2026-06-01&to=2026-06-30&interval=day", "100 ms"),
    ("reply times by day, 30 days", "reply-time?from=2026-06-01&to=2026-06-30&interval=day", "100 ms"),
    ("reply times by month, a year", "reply-time?from=2026-01-01&to=2026-12-31&interval=month", "100 ms"),
    ("… in business hours, 30 days", "reply-time?from=2026-06-01&to=2026-06-30&interval=day&businessHours=09:00-17:00", "2 s"),
    ("new connections by week, a year", "new-connections?from=2026-01-01&to=2026-12-31&interval=week", "100 ms"),
    ("new connections, 30 days", "new-connections?from=2026-06-01&to=2026-06-30", "100 ms"),
    ("members who wrote, 30 days in the middle", "participation?from=2026-06-01&to=2026-06-30", "100 ms"),
    ("messages by team, a year by month", "messages?from=2026-01-01&to=2026-12-31&interval=month&groupBy=team", "100 ms"),
    ("unanswered now", "unanswered?from=2026-01-01&to=2026-12-31", "100 ms"),
]


def figure_cost(count, pairs=3):
    """The same events stored with figures and without, in turns: the machine's speed changes within minutes."""
    print(f"\nWhat keeping figures costs, {count:,} events each time")
    ratios = []
    for pair in range(pairs):
        rates = {}
        for kept in ("on", "off"):
            service = Service(f"cost_{kept}_{pair}", FIGURES=kept)
            service.start()
            began = time.monotonic()
            service.replay("--generate", str(count), "--connections", "64")
            service.drain()
            rates[kept] = count / (time.monotonic() - began)
            service.remove()
        ratios.append(rates["on"] / rates["off"])
        row("stored with figures, and without", f"{rates['on']:,.0f}/s, {rates['off']:,.0f}/s")
    row("  with figures, of without: median", f"{sorted(ratios)[pairs // 2]:.0%}", "70 %")


def figures(count, users=None, channels=None):
    users, channels = users or max(count // 100, 1_000), channels or max(count // 200, 500)
    listings = max(channels // 2, 250)
    print(f"\nFigures of {count:,} events in a year: {users:,} users, {channels:,} channels")
    service = Service("figures")
    service.start()
    began = time.monotonic()
    service.replay("--generate", str(count), "--connections", "64", "--users", str(users), "--channels", str(channels),
                   "--listings", str(listings), "--days", "365", "--mix")
    service.drain()
    row("stored", f"{count / (time.monotonic() - began):,.0f}/s")
    port = urllib.parse.urlsplit(os.environ["MONGODB_URI"]).port
    due = {"count": "conversation_times", "query": {"_id.kind": "due"}}
    while mongo_command.run(port, service.environment["MONGODB_DATABASE"], due)["n"]:
        time.sleep(0.1)
    row("  turns in line", f"{count / (time.monotonic() - began):,.0f}/s")
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    for title, query, goal in FIGURES:
        times = []
        for _ in range(20):
            began = time.monotonic()
            connection.request("GET", "/api/v1/analytics/" + query, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
            answer = connection.getresponse()
            text = answer.read()
            times.append((time.monotonic() - began) * 1_000)
            if answer.status != 200:
                sys.exit(f"bench: {query}: {answer.status} {text}")
        times.sort()
        row(f"{title}: p50 / p95", f"{times[10]:.0f} / {times[18]:.0f} ms", goal)
    export(service, connection)
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.remove()


def export(service, connection):
    """All messages as CSV, by a reader who keeps nothing."""
    before, rows, began = service.resident_megabytes(), -1, time.monotonic()
    connection.request("GET", "/api/v1/webhooks/getstream/messages?format=csv",
                       headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    answer = connection.getresponse()
    while piece := answer.read(1 << 20): rows += piece.count(b"\n")
    row(f"CSV of {rows:,} messages", f"{rows / (time.monotonic() - began):,.0f}/s", "20,000/s")
    row("  memory after it, and before", f"{service.resident_megabytes():.0f} MB, {before:.0f} MB", "the same")


class LiveReaders:
    """Many who read the live feed, by one thread: when the events of some reached them, and how many reached each."""

    RECEIVED = re.compile(rb'"received":"([^"]+)"')

    def __init__(self, service, count):
        self.counts, self.rest, self.delays, self.ended = [0] * count, [b""] * count, [], 0
        self.selector = selectors.DefaultSelector()
        for index in range(count):
            reader = socket.create_connection(("127.0.0.1", service.port))
            reader.sendall(f"GET /api/v1/live?figures=false HTTP/1.0\r\nAuthorization: Bearer {ADMIN_KEY}\r\n\r\n".encode())
            begin = b""
            while b": following" not in begin:
                begin += reader.recv(65_536) or sys.exit("bench: the live feed turned a reader away: " + begin.decode())
            reader.setblocking(False)
            self.selector.register(reader, selectors.EVENT_READ, index)

    def read(self, events, seconds):
        """Until every reader has got so many events."""
        end = time.monotonic() + seconds
        while min(self.counts) < events and not self.ended and time.monotonic() < end:
            for key, _ in self.selector.select(1):
                piece = key.fileobj.recv(1 << 20)
                self.note(key, piece, time.time())

    def note(self, key, piece, now):
        if not piece:
            self.ended += 1
            return self.selector.unregister(key.fileobj)
        # HTTP/1.0 has no chunks, so that an event is whole once its empty line is there.
        whole, end, self.rest[key.data] = (self.rest[key.data] + piece).rpartition(b"\n\n")
        self.counts[key.data] += whole.count(b'"received":')
        times = self.RECEIVED.findall(whole) if key.data % 10 == 0 else self.RECEIVED.findall(whole, 0, 4_096)[:1]
        for text in times:
            at = datetime.datetime.fromisoformat(text.decode().replace("Z", "+00:00")).timestamp()
            self.delays.append((now - at) * 1_000)


def live(seconds, readers=100, rate=1_000):
    print(f"\nLive feed, {readers} readers, {rate:,} events/s for {seconds} s")
    service = Service("live")
    service.start()
    feed = LiveReaders(service, readers)
    events = seconds * rate
    reading = threading.Thread(target=feed.read, args=(events, seconds + 30))
    reading.start()
    service.replay("--generate", str(events), "--connections", "16", "--rate", str(rate))
    reading.join()
    delays = sorted(feed.delays)
    share = lambda part: delays[min(int(len(delays) * part), len(delays) - 1)]
    row("from receipt to reader: p50 / p99 / most", f"{share(0.5):.0f} / {share(0.99):.0f} / {delays[-1]:.0f} ms", "p99 250 ms")
    row("events that reached a reader, fewest", f"{min(feed.counts):,} of {events:,}", "all")
    row("readers dropped", f"{feed.ended}", "0")
    row("  resident memory, most", f"{service.resident_megabytes('VmHWM'):.0f} MB", "150 MB")
    service.remove()


if __name__ == "__main__":
    count = 40_000 if "--quick" in sys.argv else 200_000
    print(f"{os.cpu_count()} cores, {count:,} events of 1.7 KB; goals on the right")
    speed(count)
    restarts(count // 4)
    backlog(1_000_000 if "--long" in sys.argv else count)
    effects(count // 10, "--long" in sys.argv)
    rules(count)
    hooks(count // 5)
    live(10 if "--quick" in sys.argv else 30)
    reviews(100_000 if "--quick" in sys.argv else 1_000_000)
    figure_cost(count // 4)
    figures({"--quick": 100_000, "--long": 10_000_000}.get(next((a for a in sys.argv if a in ("--quick", "--long")), ""), 1_000_000))
